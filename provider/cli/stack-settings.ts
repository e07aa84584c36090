import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { KerioError } from "../errors";

const run = promisify(execFile);

/** Milliseconds for a command that may ask a backend over the network. */
const patience = 120_000;

const settings = z.record(z.string(), z.object({ value: z.string().optional() }));

/**
 * The stack's configuration, secrets in clear, as the `pulumi` command on PATH tells it in the current directory.
 * They are read from its output, stay in this process, and are in no message.
 *
 * @throws KerioError `CONFIG_INVALID` when there is no such command or it refuses
 */
export async function stackSettings(stack: string): Promise<(key: string) => string | undefined> {
  // In one word with its option, a name that begins with a dash is a name still.
  const args = ["config", "--json", "--show-secrets", "--non-interactive", `--stack=${stack}`];
  let stdout: string;
  try {
    ({ stdout } = await run("pulumi", args, { timeout: patience, maxBuffer: 64 * 1024 * 1024 }));
  } catch (error) {
    throw unusable(stack, reasonOf(error));
  }
  const parsed = settings.safeParse(jsonOf(stdout));
  if (!parsed.success) throw unusable(stack, "it answered in another form than `pulumi config --json` does");
  return (key) => (Object.hasOwn(parsed.data, key) ? parsed.data[key]?.value : undefined);
}

function reasonOf(error: unknown): string {
  const { code, killed, stderr } = error as { code?: string | number; killed?: boolean; stderr?: string };
  if (code === "ENOENT") return "there is no pulumi command on PATH";
  if (killed) return `it did not answer within ${patience / 1000} seconds`;
  // Standard error alone: standard output may hold secrets.
  return (stderr ?? "").trim().replace(/\s+/g, " ").slice(0, 500) || `it ended with code ${code ?? "unknown"}`;
}

function unusable(stack: string, happened: string): KerioError {
  return new KerioError("CONFIG_INVALID", {
    object: `stack ${stack}`,
    doing: "reading its settings with `pulumi config`",
    happened: happened.replace(/\.$/, ""),
    next: "Run this in the project's directory, logged in as for `pulumi up`; or leave --stack out and set KERIO_URL and the others in the environment.",
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
