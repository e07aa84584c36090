import { existsSync, lstatSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { ArchiveVolumes } from "./archive-volumes.js";
import { configFiles } from "./config-files.js";
import type { Engine } from "./engine.js";
import { makePath } from "./make-path.js";
import { bytesOf } from "./units.js";

/** The kinds of backups, with the letter their files begin with. */
export const backupLetters = { backupTypeFull: "F", backupTypeDifferential: "D", backupTypeMirror: "C" } as const;

/** A kind of backup. */
export type BackupType = keyof typeof backupLetters;

/** One backup that lies in the backup directory; `created` is in seconds of the epoch. */
export interface BackupSet {
  name: string;
  letter: string;
  created: number;
  size: number;
  files: string[];
}

/** The backups of the directory, the newest first. */
export function backupSets(engine: Engine): BackupSet[] {
  const sets = new Map<string, BackupSet>();
  const directory = engine.backupPath;
  for (const file of existsSync(directory) ? readdirSync(directory) : []) {
    const match = /^(([FDC])(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z)(\.\d+)?\.zip$/.exec(file);
    if (!match) continue;
    const [, name = "", letter = "", year, month, day, hour, minute, second] = match;
    const created = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    const set = sets.get(name) ?? { name, letter, created: created / 1000, size: 0, files: [] };
    set.size += statSync(join(directory, file)).size;
    set.files.push(file);
    sets.set(name, set);
  }
  return [...sets.values()].sort((left, right) => right.created - left.created || (left.name < right.name ? 1 : -1));
}

/**
 * Makes one backup: configuration as it lies on the disk, licence, certificates, lists, what SpamAssassin has learnt,
 * mailboxes and public folders; not those of disabled accounts, and no symbolic links. A differential one holds what
 * has changed since the last full one. Ends by removing the backups that the rotation has no room for. The server goes
 * on serving meanwhile.
 */
export async function runBackup(engine: Engine, type: BackupType): Promise<void> {
  const { backup } = engine;
  try {
    makePath(engine.backupPath);
    // Not with the engine: it starts far more often than it makes a backup.
    const { ArchiveVolumes } = await import("./archive-volumes.js");
    const since = type === "backupTypeDifferential" ? (lastFull(engine)?.created ?? 0) * 1000 : 0;
    const archive = new ArchiveVolumes(join(engine.backupPath, freshName(engine, type)), splitBytes(engine));
    const files = Object.values(configFiles(engine.programDir));
    for (const file of files.filter((each) => existsSync(each))) archive.add(basename(file), file);
    for (const part of ["license", "sslcert"]) addTree(engine, archive, engine.programDir, part, 0);
    for (const part of ["lists", "spamassassin"]) addTree(engine, archive, engine.store, part, 0);
    const parts = mailboxesToSave(engine);
    for (const [index, part] of parts.entries()) {
      await new Promise((resolve) => setImmediate(resolve));
      addTree(engine, archive, engine.store, join("mail", part), since);
      backup.size = archive.size;
      backup.percents = Math.min(99, Math.floor(((index + 1) * 100) / parts.length));
    }
    archive.close();
    backup.size = archive.size;
    rotate(engine);
    backup.last = "backupStatusSuccessful";
  } catch (error) {
    backup.last = "backupStatusFailed";
    engine.truth.write("engine", { event: "backup failed", reason: String(error) });
  }
  Object.assign(backup, { inProgress: false, percents: 100, finishedAt: Date.now() });
}

function lastFull(engine: Engine): BackupSet | undefined {
  return backupSets(engine).find((set) => set.letter !== "D");
}

function freshName(engine: Engine, type: BackupType): string {
  const taken = new Set(backupSets(engine).map((set) => set.name.slice(1)));
  for (let at = Date.now(); ; at += 1000) {
    const stamp = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
    if (!taken.has(stamp)) return `${backupLetters[type]}${stamp}`;
  }
}

function splitBytes(engine: Engine): number {
  return Math.max(1, bytesOf(engine.state.settings.backup.splitSizeLimit));
}

function addTree(engine: Engine, archive: ArchiveVolumes, root: string, part: string, since: number): void {
  const path = join(root, part);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isSymbolicLink()) {
    engine.truth.write("engine", { event: "Backup has skipped symlink directory", directory: path });
  } else if (stat.isDirectory()) {
    for (const name of readdirSync(path).sort()) addTree(engine, archive, root, join(part, name), since);
  } else if (stat.isFile() && stat.mtimeMs >= since) archive.add(relative(root, path), path);
}

function mailboxesToSave(engine: Engine): string[] {
  const disabled = new Set(engine.state.users.filter((user) => !user.isEnabled).map((user) => engine.mailboxOf(user)));
  const root = join(engine.store, "mail");
  // A linked mailbox is named as a part, so that its being left out is told.
  const names = (path: string) => readdirSync(path).filter((name) => !lstatSync(join(path, name)).isFile());
  if (!existsSync(root)) return [];
  return names(root)
    .filter((domain) => lstatSync(join(root, domain)).isDirectory())
    .flatMap((domain) =>
      names(join(root, domain))
        .filter((name) => !disabled.has(join(root, domain, name)))
        .map((name) => join(domain, name)),
    );
}

/** Keeps the newest full ones and copies by hand, as many as the limit says, and the newest differential one. */
function rotate(engine: Engine): void {
  const sets = backupSets(engine);
  const whole = sets.filter((set) => set.letter !== "D").slice(engine.state.settings.backup.rotationLimit);
  const partial = sets.filter((set) => set.letter === "D").slice(1);
  for (const set of [...whole, ...partial]) {
    for (const file of set.files) unlinkSync(join(engine.backupPath, file));
  }
}
