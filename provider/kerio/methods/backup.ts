import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

const backupOptions = z.object({
  isEnabled: z.boolean().default(false),
  status: z.unknown().optional(),
  notificationEmailAddress: z.string().optional(),
});

/** How the server's own backup is set up. */
export type BackupOptions = z.output<typeof backupOptions>;

/** `Backup.get`. Safe. */
export async function getBackupOptions(client: KerioClient, options?: CallOptions): Promise<BackupOptions> {
  const reply = z.object({ options: backupOptions });
  const call = { method: "Backup.get", reply, safe: true, doing: "reading the backup settings" };
  return (await client.call({ ...call, object: serverOf(client), ...options })).options;
}

/** Kept as it comes: only compared with an earlier answer. */
const lastBackup = z.object({
  isCreated: z.boolean().default(false),
  created: z.unknown().optional(),
  size: z.unknown().optional(),
});

const backupStatus = z.object({
  backupInProgress: z.boolean(),
  percents: z.number().default(0),
  /** backupStatusNone, backupStatusSuccessful or backupStatusFailed. */
  lastBackupStatus: z.string().optional(),
  lastFull: lastBackup.optional(),
  lastDifferential: lastBackup.optional(),
  lastMirror: lastBackup.optional(),
});

/** What the server's own backup is doing. */
export type BackupStatus = z.output<typeof backupStatus>;

/** `Backup.getStatus`. Safe. */
export async function getBackupStatus(client: KerioClient, options?: CallOptions): Promise<BackupStatus> {
  const reply = z.object({ status: backupStatus });
  const call = { method: "Backup.getStatus", reply, safe: true, doing: "reading the progress of the backup" };
  return (await client.call({ ...call, object: serverOf(client), ...options })).status;
}

/** `Backup.start`: begins, does not wait. Not safe. */
export async function startBackup(
  client: KerioClient,
  backupType: "backupTypeFull" | "backupTypeDifferential" | "backupTypeMirror",
  options?: CallOptions,
): Promise<void> {
  const call = { method: "Backup.start", params: { backupType }, reply: z.object({}), doing: "starting a backup" };
  await client.call({ ...call, object: serverOf(client), ...options });
}
