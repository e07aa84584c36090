import { updateSnapshot } from "../../host/snapshot-store";
import { generatePassword } from "../../kerio/methods/domains";
import { setUsers } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import { alive, newAddress, renameError, seeAccounts, type Renaming, type RunContext } from "../run-context";
import { writeText, type Snapshot } from "../snapshot";
import type { Step } from "./step";

/** Writes the new ids into the snapshot, so that a result which the engine never hears is not lost. */
export const recordResults: Step = {
  name: "record-results",
  unseen: "the result is not in the snapshot",
  async pending(run) {
    return alive(run).filter((renaming) => run.snapshot.results[renaming.record.oldId]?.newId === undefined);
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const { old, fresh } = accounts.get(renaming) ?? {};
      if (!old && fresh) run.snapshot.results[renaming.record.oldId] = resultOf(fresh.id, renaming);
    }
    await updateSnapshot(run.host, run.snapshot.id, writeText(run.snapshot));
  },
};

/** Gives the new account its real description; until here "it is ours" could be seen on it. */
export const clearMarks: Step = {
  name: "clear-marks",
  unseen: "the new account's description still holds the mark of the run",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((r) => (accounts.get(r)?.fresh?.description ?? "").includes(run.snapshot.mark));
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const id = accounts.get(renaming)?.fresh?.id;
      if (id) await setUsers(run.server.client, [id], { description: renaming.record.description });
    }
  },
};

/**
 * The very last act: the password. The program's own, where an earlier run had to create the account without it; a
 * generated one, where the program gives none.
 */
export async function setPasswords(run: RunContext): Promise<void> {
  const open = alive(run).filter((renaming) => !renaming.passwordSet);
  const accounts = await seeAccounts(run, open);
  for (const renaming of open) {
    const id = accounts.get(renaming)?.fresh?.id;
    if (!id) continue;
    const password = renaming.password ?? (await generatePassword(run.server.client, renaming.record.domainId));
    const [result] = await setUsers(run.server.client, [id], { password });
    if (result?.ok === false) refuse(renaming, explainItemError(result.error));
    else {
      renaming.passwordSet = true;
      if (renaming.password === undefined) renaming.initialPassword = password;
    }
  }
}

function resultOf(newId: string, renaming: Renaming): Snapshot["results"][string] {
  return { newId, password: renaming.passwordSet ? "program" : "random" };
}

function refuse(renaming: Renaming, reason: string): void {
  renaming.failure = renameError("RENAME_OPEN", renaming.record, {
    doing: "setting the password of the new account",
    happened: `the server refused it: ${reason}`,
    next: `The rename itself is done, but nobody knows the password of ${newAddress(renaming.record)}. Choose another password and run \`pulumi up\` again.`,
  });
}
