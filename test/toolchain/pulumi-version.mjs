import { mkdtempSync, readFileSync, rmSync, accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "./paths.mjs";
import { run } from "./run.mjs";

/** The three programs that must lie side by side, or every command of `pulumi` warns. */
export const toolNames = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

/** The version that is downloaded or built: the one the committed go.mod of the command line requires. */
export function pinnedVersion() {
  const goMod = readFileSync(join(repoRoot, "test", "toolchain", "go", "cli", "go.mod"), "utf8");
  const found = /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\d+\.\d+\.\d+)/.exec(goMod);
  if (!found) throw new Error("test/toolchain/go/cli/go.mod does not require github.com/pulumi/pulumi/pkg/v3");
  return found[1];
}

/** Whether a version is one the package supports: 3.216 (the first whose `read` returns inputs) up to, not with, 4. */
export function isSupported(version) {
  const found = /^v?(\d+)\.(\d+)\./.exec(version);
  return found !== null && Number(found[1]) === 3 && Number(found[2]) >= 216;
}

/** Whether all three tools lie in the directory and may be executed. */
export function hasAllTools(directory) {
  return toolNames.every((name) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs `pulumi version` in the directory and returns what it says; throws when it does not run. */
export async function versionIn(directory) {
  const home = mkdtempSync(join(tmpdir(), "pulumi-kerio-home-"));
  try {
    const { stdout } = await run(join(directory, "pulumi"), ["version"], {
      what: `Pulumi tools: version of ${join(directory, "pulumi")}`,
      cwd: home,
      env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeoutMs: 60_000,
    });
    return stdout.trim().replace(/^v/, "");
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
