import { chmod, copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { goEnvironment } from "./go-environment.mjs";
import { repoRoot } from "./paths.mjs";
import { run } from "./run.mjs";
import { say } from "./say.mjs";

const goTree = join(repoRoot, "test", "toolchain", "go");
const cliPackage = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const hostPackage = "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs";
const sdkModule = "github.com/pulumi/pulumi/sdk/v3";

/**
 * Builds the three tools from the Go modules that the committed go.mod and go.sum pin, in `scratch`, and moves them to
 * `destination` when all are there. Needs Go 1.25 or later; throws saying so where there is none.
 */
export async function buildTools({ version, scratch, destination }) {
  const env = await goEnvironment(scratch);
  await requireGo(env);
  const bin = join(scratch, "bin");
  await mkdir(bin, { recursive: true });
  say(
    `Pulumi tools: building pulumi ${version} from its Go modules, because the tests and the demo run the real engine ` +
      "and no ready-made one was found; several minutes, once per machine and version",
  );
  await buildOne(env, cliPackage, "cli", join(bin, "pulumi"), version);
  await buildOne(env, hostPackage, "language-host", join(bin, "pulumi-language-nodejs"), version);
  const what = "Pulumi tools: launcher";
  const { stdout } = await go(env, ["list", "-m", "-f", "{{.Dir}}", sdkModule], "cli", { what });
  const launcher = join(bin, "pulumi-resource-pulumi-nodejs");
  await copyFile(join(stdout.trim(), "nodejs", "dist", "pulumi-resource-pulumi-nodejs"), launcher);
  await chmod(launcher, 0o755);
  await rename(bin, destination);
}

async function buildOne(env, packagePath, module, output, version) {
  const name = packagePath.split("/").at(-1);
  const modules = `Pulumi tools: fetching the modules of ${name}`;
  const listed = await go(env, ["list", "-deps", packagePath], module, {
    what: modules,
    progress: (lines) => `${lines} modules fetched`,
  });
  const total = listed.stdout.trim().split("\n").length;
  const what = `Pulumi tools: building ${name}`;
  say(`${what}: ${total} packages`);
  const ldflags = `-s -w -X ${sdkModule}/go/common/version.Version=${version}`;
  await go(env, ["build", "-v", "-trimpath", "-ldflags", ldflags, "-o", output, packagePath], module, {
    what,
    progress: (lines) => `${lines} of at most ${total} packages compiled`,
  });
}

function go(env, args, module, { what, progress }) {
  return run("go", args, {
    what,
    cwd: join(goTree, module),
    env: { ...env, CGO_ENABLED: "0", GOWORK: "off" },
    timeoutMs: 30 * 60_000,
    progress,
  });
}

async function requireGo(env) {
  const { stdout } = await run("go", ["env", "GOVERSION"], {
    what: "Pulumi tools: version of go",
    cwd: repoRoot,
    env,
    timeoutMs: 60_000,
  });
  const found = /^go(\d+)\.(\d+)/.exec(stdout.trim());
  if (!found || Number(found[1]) !== 1 || Number(found[2]) < 25) {
    throw new Error(`Go 1.25 or later is needed, this is ${stdout.trim()}`);
  }
}
