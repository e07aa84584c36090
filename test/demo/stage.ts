import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { killProcessesIn } from "../helpers/pulumi-process";
import { createProject, type PulumiProject } from "../helpers/pulumi-project";
import { repositoryRoot } from "../helpers/pulumi-template";
import { quoted } from "../simulator/host/quoted";
import { line } from "./output";
import { mailDomain } from "./scene";
import { startServer, type DemoServer } from "./server";
import type { Undo } from "./undo";

const passphrase = "demo";

/** Everything the demo runs on, all of it below one temporary directory. */
export interface Stage {
  directory: string;
  server: DemoServer;
  project: PulumiProject;
  /** Writes the file of settings with which a person goes on by hand, and returns its path. */
  writeEnvironment(): string;
}

/**
 * Starts a server with two groups and a mailing list, and makes a project of `examples/demo` with a stack for it. `undo`
 * ends what there is of it, also while this is still at work.
 */
export async function openStage(undo: Undo): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-demo-"));
  undo.add(async () => {
    await killProcessesIn(directory);
    // In one go, because an interrupted demo may still be writing there.
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    line(`The temporary directory ${directory} is removed.`);
  });
  const server = await startServer(directory, undo);
  await addGroups(server);
  // Where the helper puts the packed package and the projects that use it.
  const root = join(directory, "projects");
  mkdirSync(root);
  process.env["PULUMI_KERIO_TEST_ROOT"] = root;
  // Before the server ends, whom an engine at work would miss.
  undo.add(() => killProcessesIn(root));
  const project = await projectFor(server, directory);
  const stage = { directory, server, project };
  return { ...stage, writeEnvironment: () => writeEnvironment(stage) };
}

async function addGroups({ admin }: DemoServer): Promise<void> {
  const domainId = await mailDomain.id(admin);
  await admin.call("Groups.create", {
    groups: ["sales", "staff"].map((name) => ({ domainId, name })),
  });
  await admin.call("MailingLists.create", { mailingLists: [{ domainId, name: "news" }] });
}

async function projectFor({ info }: DemoServer, directory: string): Promise<PulumiProject> {
  const program = join(directory, "program");
  cpSync(join(repositoryRoot(), "examples", "demo"), program, { recursive: true });
  writeFileSync(join(program, "package.json"), '{ "name": "demo", "private": true, "main": "index.ts" }\n');
  // What an engine that is killed leaves in its temporary directory goes with ours.
  const temporary = join(directory, "tmp");
  mkdirSync(temporary);
  return createProject({
    program: { dir: program },
    env: { PULUMI_CONFIG_PASSPHRASE: passphrase, TMPDIR: temporary },
    config: {
      "kerio:url": info.adminUrl,
      "kerio:username": info.admin.user,
      "kerio:caFile": info.caFile,
      "kerio:sshHost": info.ssh.host,
      "kerio:sshPort": String(info.ssh.port),
      "kerio:sshUser": info.ssh.user,
      "kerio:sshPrivateKeyFile": info.ssh.privateKeyFile,
      "kerio:sshHostKey": info.ssh.hostKey,
    },
    secrets: { "kerio:password": info.admin.password },
  });
}

function writeEnvironment({ directory, project }: Pick<Stage, "directory" | "project">): string {
  const top = dirname(project.directory);
  const settings: Record<string, string> = {
    PULUMI_BACKEND_URL: `file://${join(top, "backend")}`,
    PULUMI_HOME: join(top, "home"),
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const lines = Object.entries(settings).map(([name, value]) => `export ${name}=${quoted(value)}`);
  lines.push(
    `export PATH=${quoted(process.env["PULUMI_KERIO_TOOLS"] ?? "")}:"$PATH"`,
    `cd ${quoted(project.directory)}`,
  );
  const file = join(directory, "env.sh");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
