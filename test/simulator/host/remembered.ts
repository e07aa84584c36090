import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Layout } from "./layout";
import type { Options, Seed } from "./options";
import { freePort } from "./ports";
import type { Switches } from "./host-switches";

/** What a stand-in keeps between two runs on the same state directory. */
export interface Remembered {
  seed: Seed;
  adminPort: number;
  sshPort: number;
  smtpPort: number;
  submissionPort: number;
  imapPort: number;
  adminUser: string;
  adminPassword: string;
  switches: Switches;
  /** Whether the seed has been planted: later runs read the engine's own configuration instead. */
  planted: boolean;
}

/**
 * The remembered state brought up to date with the command line: explicit ports win, remembered ones are used again
 * while they are free, and anything missing is chosen now. The seed of a directory that has one cannot change.
 */
export async function remember(layout: Layout, options: Options): Promise<Remembered> {
  const old = load(layout);
  if (old && options.seed && options.seed !== old.seed) {
    throw new Error(`--seed: ${layout.dir} has been made with the seed "${old.seed}"`);
  }
  const taken = new Set<number>();
  const port = async (wanted: number, before: number | undefined): Promise<number> => {
    const chosen = await freePort(wanted, before, taken);
    taken.add(chosen);
    return chosen;
  };
  const now: Remembered = {
    seed: old?.seed ?? options.seed ?? "empty",
    adminPort: await port(options.adminPort, old?.adminPort),
    sshPort: await port(options.sshPort, old?.sshPort),
    smtpPort: await port(options.smtpPort, old?.smtpPort),
    submissionPort: await port(options.submissionPort, old?.submissionPort),
    imapPort: await port(options.imapPort, old?.imapPort),
    adminUser: "Admin",
    adminPassword: old?.adminPassword ?? randomBytes(12).toString("base64url"),
    switches: { ...old?.switches, ...options.switches },
    planted: old?.planted ?? false,
  };
  save(layout, now);
  return now;
}

/** Writes the remembered state; it holds the administrator's password, so nobody else may read it. */
export function save(layout: Layout, state: Remembered): void {
  writeFileSync(layout.rememberedFile, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
}

function load(layout: Layout): Remembered | undefined {
  if (!existsSync(layout.rememberedFile)) return undefined;
  return JSON.parse(readFileSync(layout.rememberedFile, "utf8")) as Remembered;
}
