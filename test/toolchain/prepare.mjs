import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { install } from "./install.mjs";
import { pulumiTools } from "./pulumi-tools.mjs";

/**
 * Makes a clone ready: `install` the dependencies, `build` dist, find or make the `pulumi` tools; what is not asked for
 * is left out, what is done already is skipped. Plain JavaScript without dependencies: it runs before there are any.
 *
 * Returns the directory of the Pulumi tools as `toolsDirectory` (undefined when not asked for) and names it in the
 * environment of this process and its children as PULUMI_KERIO_TOOLS. Throws with the cause when a part fails.
 */
export async function prepare({ install: wantInstall = true, build: wantBuild = true, pulumi = true } = {}) {
  requireNode();
  if (wantInstall || wantBuild || pulumi) await install();
  if (wantBuild) await build();
  if (!pulumi) return { toolsDirectory: undefined };
  const toolsDirectory = await pulumiTools();
  process.env.PULUMI_KERIO_TOOLS = toolsDirectory;
  return { toolsDirectory };
}

/**
 * Runs a command of this toolchain: its result is the exit code, and what it throws is printed as one text without a
 * stack, because it describes a state of the machine or the sources and not a defect of the script.
 */
export async function runAsCommand(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`[toolchain] failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function requireNode() {
  if (Number.parseInt(process.versions.node, 10) >= 20) return;
  throw new Error(`Node.js 20 or later is needed; this is ${process.version}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runAsCommand(async () => {
    const { toolsDirectory } = await prepare();
    process.stdout.write(`ready; Pulumi tools in ${toolsDirectory}\n`);
  });
}
