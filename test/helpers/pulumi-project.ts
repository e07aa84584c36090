import { cpSync, existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import {
  killProcessesIn,
  processesIn,
  signalGroup,
  startCommand,
  type CommandResult,
  type RunningCommand,
} from "./pulumi-process";
import { templateRoot } from "./pulumi-template";

const stack = "test";
const passphrase = "passphrase of a test";
const commandMs = 5 * 60_000;

/** In what form a program given as text is written: CommonJS (cheapest), ES module, or TypeScript. */
export type ProgramRuntime = "commonjs" | "module" | "typescript";

export interface ProjectOptions {
  /** The program's text, or a directory whose contents become the project (its Pulumi.yaml is kept if it has one). */
  program: string | { dir: string };
  /** Form of a program given as text; default `commonjs`. */
  runtime?: ProgramRuntime;
  /** Where the project's directory is made, for one that installs its packages itself; default beside installed ones. */
  within?: string;
  /** Settings in clear, e.g. `{"kerio:url": "https://…"}`; an object becomes a structured value. */
  config?: Record<string, unknown>;
  /** Settings encrypted in the stack's file, set by standard input; a key like `kerio:servers.a.password` is a path. */
  secrets?: Record<string, string>;
  /** Added to the environment of every command. Variables of the caller named PULUMI_* and KERIO_* are not inherited. */
  env?: Record<string, string>;
}

export interface CommandOptions {
  /** Steps at once; the engine's own default is four per processor. */
  parallel?: number;
  /** Further arguments, as on the command line. */
  flags?: string[];
  /** Added to the environment of this command. */
  env?: Record<string, string>;
  /** The command and its plugins are killed after this; default five minutes. */
  timeoutMs?: number;
}

export interface UpOptions extends CommandOptions {
  /** Previews first, as `pulumi up --yes` does for a user; default false, which saves seconds. */
  withPreview?: boolean;
  /** Why a preview right after it would not be empty, or spoils what the test looks at: leaves that preview out. */
  noPreviewAfter?: string;
}

export interface PreviewOptions extends CommandOptions {
  refresh?: boolean;
  diff?: boolean;
  /** Exit code other than 0 when anything would change. */
  expectNoChanges?: boolean;
}

/** The parts of an exported deployment that tests look at. */
export interface ExportedState {
  deployment: {
    resources?: {
      urn: string;
      type: string;
      id?: string;
      delete?: boolean;
      inputs?: Record<string, unknown>;
      outputs?: Record<string, unknown>;
      [field: string]: unknown;
    }[];
    pending_operations?: { type: string; resource: { urn: string } }[];
  };
}

/** A stack of its own on a file backend in a temporary directory, driven by the real command line. */
export class PulumiProject {
  constructor(
    /** The directory of the project: program, Pulumi.yaml, the stack's configuration. */
    readonly directory: string,
    private readonly top: string,
    /** What every command of the engine gets. */
    readonly environment: NodeJS.ProcessEnv,
    private readonly runtime: ProgramRuntime,
  ) {}

  /** The file that holds the stack's state, as the engine writes it. */
  get stateFile(): string {
    return join(this.top, "backend", ".pulumi", "stacks", "project", `${stack}.json`);
  }

  /** `pulumi up --yes`. After a successful one a preview has to be empty: throws with what it shows otherwise. */
  async up({ noPreviewAfter, ...options }: UpOptions = {}): Promise<CommandResult> {
    const result = await this.spawnUp(options).ended;
    if (result.code === 0 && noPreviewAfter === undefined) await this.expectNothingToDo(options);
    return result;
  }

  /** `pulumi up --yes`, running, and no preview after it: for tests that kill it. */
  spawnUp(options: Omit<UpOptions, "noPreviewAfter"> = {}): RunningCommand {
    return this.start(["up", "--yes", ...(options.withPreview ? [] : ["--skip-preview"])], options);
  }

  /** `pulumi preview`. */
  preview(options: PreviewOptions = {}): Promise<CommandResult> {
    const flags = [
      ...(options.refresh ? ["--refresh"] : []),
      ...(options.diff ? ["--diff"] : []),
      ...(options.expectNoChanges ? ["--expect-no-changes"] : []),
    ];
    return this.start(["preview", ...flags], options).ended;
  }

  /** `pulumi refresh --yes`. */
  refresh(options: CommandOptions = {}): Promise<CommandResult> {
    return this.start(["refresh", "--yes", "--skip-preview"], options).ended;
  }

  /** `pulumi destroy --yes`. */
  destroy(options: CommandOptions = {}): Promise<CommandResult> {
    return this.start(["destroy", "--yes", "--skip-preview"], options).ended;
  }

  /** Any other command, e.g. `pulumi(["cancel", "--yes"])`; `input` goes to its standard input. */
  pulumi(args: string[], options: CommandOptions & { input?: string } = {}): Promise<CommandResult> {
    return this.start(args, options).ended;
  }

  /** The stack's outputs, secrets in clear. Throws when there is no such stack. */
  async stackOutput(): Promise<Record<string, unknown>> {
    const { stdout } = succeeded(await this.pulumi(["stack", "output", "--json", "--show-secrets"]));
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** The stack's state, secrets encrypted. */
  async exportState(): Promise<ExportedState> {
    return JSON.parse(succeeded(await this.pulumi(["stack", "export"])).stdout) as ExportedState;
  }

  /** Sets one setting in clear; a key with a dot is a path into a structured value. */
  async setConfig(key: string, value: string): Promise<void> {
    succeeded(await this.pulumi(["config", "set", "--plaintext", ...asPath(key), "--", key, value]));
  }

  /** Sets one secret through standard input, so that it is in no process list. */
  async setSecret(key: string, value: string): Promise<void> {
    succeeded(await this.pulumi(["config", "set", "--secret", ...asPath(key), "--", key], { input: value }));
  }

  /** Replaces the program's text. */
  async writeProgram(text: string): Promise<void> {
    await writeFile(join(this.directory, mainFile(this.runtime)), text);
  }

  /** Processes that still work in this project: plugins that outlived their engine. */
  processes(): Promise<number[]> {
    return processesIn(this.directory);
  }

  /** Kills what still runs in the project and removes it with all its state. */
  async dispose(): Promise<void> {
    await killProcessesIn(this.top);
    rmSync(this.top, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private async expectNothingToDo({ env, timeoutMs }: CommandOptions): Promise<void> {
    const { code, text } = await this.preview({
      expectNoChanges: true,
      diff: true,
      ...(env === undefined ? {} : { env }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    if (code !== 0) throw new Error(`the preview right after a successful update ended with code ${code}:\n${text}`);
  }

  private start(args: string[], options: CommandOptions & { input?: string }): RunningCommand {
    const changes = ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");
    const parallel = changes && options.parallel !== undefined ? ["--parallel", String(options.parallel)] : [];
    // Options go before a `--` that ends them.
    const [command = "", ...rest] = args;
    const flags = ["--non-interactive", "--color", "never", ...parallel, ...(options.flags ?? [])];
    return startCommand(toolPath("pulumi"), [command, ...flags, ...rest], {
      cwd: this.directory,
      env: { ...this.environment, ...options.env },
      timeoutMs: options.timeoutMs ?? commandMs,
      ...(options.input === undefined ? {} : { input: options.input }),
    });
  }
}

/**
 * Makes a project with a stack. Its packages are the packed `pulumi-kerio` of dist and what it needs, in real
 * directories, unless it is made elsewhere with `within`. Throws when the tools or dist are missing, or a setting cannot
 * be set. Call `dispose()` at the end.
 */
export async function createProject(options: ProjectOptions): Promise<PulumiProject> {
  const top = await mkdtemp(join(options.within ?? (await templateRoot()), "project-"));
  const directory = join(top, "program");
  const runtime = options.runtime ?? "commonjs";
  for (const name of [directory, join(top, "backend"), join(top, "home")]) await mkdir(name);
  const project = new PulumiProject(directory, top, { ...baseEnvironment(top), ...options.env }, runtime);
  try {
    if (typeof options.program === "string") await writeNewProject(project, options.program, runtime);
    else cpSync(options.program.dir, directory, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    if (!existsSync(join(directory, "Pulumi.yaml"))) {
      await writeJson(join(directory, "Pulumi.yaml"), { name: "project", runtime: "nodejs" });
    }
    // JSON is YAML: the engine adds its salt to this file and keeps the rest.
    await writeJson(join(directory, `Pulumi.${stack}.yaml`), { config: options.config ?? {} });
    succeeded(await project.pulumi(["stack", "init", stack]));
    for (const [key, value] of Object.entries(options.secrets ?? {})) await project.setSecret(key, value);
    return project;
  } catch (error) {
    await rm(top, { recursive: true, force: true });
    throw error;
  }
}

/** The result, when the command ended with 0; throws with everything it printed otherwise. */
export function succeeded(result: CommandResult): CommandResult {
  if (result.code !== 0) throw new Error(`the command ended with code ${result.code}:\n${result.text}`);
  return result;
}

export { signalGroup };

async function writeNewProject(project: PulumiProject, text: string, runtime: ProgramRuntime): Promise<void> {
  await writeJson(join(project.directory, "package.json"), {
    name: "program",
    private: true,
    main: mainFile(runtime),
    ...(runtime === "module" ? { type: "module" } : {}),
  });
  if (runtime === "typescript") {
    await writeJson(join(project.directory, "tsconfig.json"), {
      compilerOptions: {
        target: "es2022",
        module: "node16",
        moduleResolution: "node16",
        strict: true,
        skipLibCheck: true,
      },
    });
  }
  await project.writeProgram(text);
}

function mainFile(runtime: ProgramRuntime): string {
  return runtime === "typescript" ? "index.ts" : "index.js";
}

function asPath(key: string): string[] {
  return key.includes(".") ? ["--path"] : [];
}

function toolPath(name: string): string {
  const directory = process.env["PULUMI_KERIO_TOOLS"];
  if (directory === undefined || !existsSync(join(directory, name))) {
    throw new Error("the Pulumi tools are missing: run `npm run setup` first, which finds or builds them");
  }
  return join(directory, name);
}

function baseEnvironment(top: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PULUMI|KERIO|VITEST|npm)_|^(VITEST|NODE_ENV|NODE_OPTIONS|SSH_AUTH_SOCK)$/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: `${process.env["PULUMI_KERIO_TOOLS"] ?? ""}${delimiter}${process.env["PATH"] ?? ""}`,
    PULUMI_BACKEND_URL: `file://${join(top, "backend")}`,
    PULUMI_HOME: join(top, "home"),
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
