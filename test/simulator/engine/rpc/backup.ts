import { cpSync, lstatSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { configFiles } from "../config-files.js";
import type { Engine } from "../engine.js";
import { mailboxUsage } from "../mailbox.js";
import { saveState } from "../state-storage.js";
import { inUnits } from "../units.js";
import { method, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { nothing } from "./schemas.js";

const letters = { backupTypeFull: "F", backupTypeDifferential: "D", backupTypeMirror: "C" } as const;

/** The interface Backup. A backup is a directory named like the vendor's files, with the tree in it unpacked. */
export const backup: Interface = {
  get: method(nothing, (_, { engine }) => ({
    options: {
      paths: { backupPath: engine.backupPath },
      isEnabled: engine.state.settings.backupEnabled,
      status: statusOf(engine),
      splitSizeLimit: { value: 2, units: "GigaBytes" },
      rotationLimit: 5,
      networkDiskUserName: "",
      notificationEmailAddress: "",
    },
  })),

  getStatus: method(nothing, (_, { engine }) => ({ status: statusOf(engine) })),

  start: method(
    z.object({ backupType: z.enum(["backupTypeFull", "backupTypeDifferential", "backupTypeMirror"]) }),
    ({ backupType }, { engine }) => {
      if (!engine.state.settings.backupEnabled) throw RpcError.failed("Backup is not enabled.");
      if (engine.backup.inProgress) throw RpcError.failed("Backup is already in progress.");
      Object.assign(engine.backup, { inProgress: true, percents: 0, startedAt: Date.now(), size: 0 });
      const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
      void run(engine, join(engine.backupPath, `${letters[backupType]}${stamp}`));
      return {};
    },
  ),
};

function statusOf(engine: Engine): object {
  const state = engine.backup;
  const minutes = Math.floor(((state.inProgress ? Date.now() : state.finishedAt) - state.startedAt) / 60_000);
  const never = { isCreated: false, created: 0, size: { value: 0, units: "Bytes" } };
  const last =
    state.last === "backupStatusSuccessful"
      ? { isCreated: true, created: Math.floor(state.finishedAt / 1000), size: inUnits(state.size) }
      : never;
  return {
    backupInProgress: state.inProgress,
    percents: state.percents,
    lastBackupStatus: state.last,
    elapsedTime: { days: 0, hours: Math.floor(minutes / 60), minutes: minutes % 60 },
    remainingTime: { days: 0, hours: 0, minutes: 0 },
    lastFull: last,
    lastDifferential: never,
    lastMirror: never,
  };
}

// One mailbox at a time, with the loop free in between: the server goes on serving during a backup.
async function run(engine: Engine, target: string): Promise<void> {
  try {
    const parts = mailboxesToSave(engine);
    mkdirSync(target, { recursive: true });
    saveState(engine.programDir, engine.state);
    for (const file of Object.values(configFiles(engine.programDir))) cpSync(file, join(target, basename(file)));
    for (const [index, part] of parts.entries()) {
      await new Promise((resolve) => setImmediate(resolve));
      cpSync(join(engine.store, "mail", part), join(target, "mail", part), { recursive: true });
      engine.backup.size += mailboxUsage(join(engine.store, "mail", part)).bytes;
      engine.backup.percents = Math.floor(((index + 1) * 100) / parts.length);
    }
    engine.backup.last = "backupStatusSuccessful";
  } catch (error) {
    engine.backup.last = "backupStatusFailed";
    engine.truth.write("engine", { event: "backup failed", reason: String(error) });
  }
  Object.assign(engine.backup, { inProgress: false, percents: 100, finishedAt: Date.now() });
}

// Mailboxes of disabled accounts and symbolic links are left out, as the vendor's backup does.
function mailboxesToSave(engine: Engine): string[] {
  const disabled = new Set(engine.state.users.filter((user) => !user.isEnabled).map((user) => engine.mailboxOf(user)));
  const root = join(engine.store, "mail");
  const directories = (path: string) => readdirSync(path).filter((name) => lstatSync(join(path, name)).isDirectory());
  if (!statSync(root, { throwIfNoEntry: false })) return [];
  return directories(root).flatMap((domain) =>
    directories(join(root, domain))
      .filter((name) => !disabled.has(join(root, domain, name)))
      .map((name) => join(domain, name)),
  );
}
