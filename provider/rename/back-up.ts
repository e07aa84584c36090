import { KerioError } from "../errors";
import { getBackupStatus, startBackup } from "../kerio/methods/backup";
import { Deadline, waitFor } from "../retry";
import { settingKey } from "../setting-key";
import type { MailServer } from "./mail-server";

/** Seconds a full backup of the server may take. */
const patience = 12 * 3600;

/**
 * Makes the server back itself up in full, where the stack asks for it, and waits for its success.
 * @throws KerioError `RENAME_REFUSED` when the backup failed; nothing has been touched
 */
export async function backUp(server: MailServer): Promise<void> {
  if (server.settings.backup !== "full") return;
  server.log.info("Making a full backup of the mail server before the rename; this can take long.");
  const before = await getBackupStatus(server.client);
  if (!before.backupInProgress) await startBackup(server.client, "backupTypeFull");
  const status = await waitFor(
    {
      what: "the full backup to end",
      object: `mail server ${server.settings.api.url}`,
      deadline: Deadline.in(patience),
      every: 2000,
    },
    async () => {
      const now = await getBackupStatus(server.client);
      if (now.backupInProgress) server.log.progress(`Backup: ${now.percents ?? 0} %`);
      return now.backupInProgress ? undefined : now;
    },
  );
  if (status.lastBackupStatus === "backupStatusSuccessful") return;
  throw new KerioError("RENAME_REFUSED", {
    object: `mail server ${server.settings.api.url}`,
    doing: "backing it up before a rename",
    happened: `the server reports ${status.lastBackupStatus}`,
    next:
      `Look into the server's logs and its backup settings, or set ${settingKey("backup", server.settings.name)} to none if ` +
      "you back up otherwise. Nothing has been touched.",
  });
}
