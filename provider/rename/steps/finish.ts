import { generatePassword } from "../../kerio/methods/domains";
import { setUsers } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import { alive, newAddress, renameError, seeAccounts, type Renaming, type RunContext } from "../run-context";
import { writeDown } from "../save-results";
import { resultKey } from "../snapshot";
import type { Step } from "./step";

/** Writes the ids of the new accounts into the snapshot: from here on they are known even if somebody clears the mark. */
export const recordAccounts: Step = {
  name: "record-accounts",
  unseen: "the new account is not in the snapshot",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => {
      const fresh = accounts.get(renaming)?.fresh;
      return fresh !== undefined && fresh.id !== run.snapshot.results[resultKey(renaming.record)]?.madeId;
    });
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const password = renaming.passwordSet ? "program" : "random";
      const madeId = accounts.get(renaming)?.fresh?.id;
      const { swapBegun, lifted } = run.snapshot.results[resultKey(renaming.record)] ?? {};
      run.snapshot.results[resultKey(renaming.record)] = {
        madeId,
        password,
        ...(swapBegun && { swapBegun }),
        ...(lifted && { lifted }),
      };
      // The account under a temporary name is the old one of the rename that follows.
      for (const next of run.snapshot.renames)
        if (next.follows === renaming.record.oldId && madeId !== undefined) next.oldId = madeId;
    }
    await writeDown(run);
  },
};

/** Writes down that the old accounts are gone, so that a result which the engine never hears is not lost. */
export const recordResults: Step = {
  name: "record-results",
  unseen: "the result is not in the snapshot",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => {
      const { old, fresh } = accounts.get(renaming) ?? {};
      return !old && fresh !== undefined && fresh.id !== run.snapshot.results[resultKey(renaming.record)]?.newId;
    });
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const result = run.snapshot.results[resultKey(renaming.record)];
      run.snapshot.results[resultKey(renaming.record)] = { ...result, newId: accounts.get(renaming)?.fresh?.id };
    }
    await writeDown(run);
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
    const ids = new Map<string, string[]>();
    for (const renaming of pending) {
      const id = accounts.get(renaming)?.fresh?.id;
      const { description } = renaming.record;
      if (id) ids.set(description, [...(ids.get(description) ?? []), id]);
    }
    // Most people have none: one call for all of them.
    for (const [description, alike] of ids) await setUsers(run.server.client, alike, { description });
  },
};

/**
 * The very last act: the password. The program's own, where an earlier run had to create the account without it; a
 * generated one, where the program gives none. Where nobody waits for the answer, nobody's password is changed.
 */
export async function setPasswords(run: RunContext, renamings: Renaming[]): Promise<void> {
  const open = renamings.filter((r) => r.failure === undefined && r.needsPassword && !r.passwordSet);
  const accounts = await seeAccounts(run, open);
  for (const renaming of open) {
    const id = accounts.get(renaming)?.fresh?.id;
    if (!id) continue;
    const password = renaming.password ?? (await generatePassword(run.server.client, renaming.record.domainId));
    const [answer] = await setUsers(run.server.client, [id], { password }, { itemwise: true });
    const result = run.snapshot.results[resultKey(renaming.record)];
    // A history of passwords refuses the one that an earlier run of the same program has set.
    if (answer?.ok === false && result?.password !== "program") refuse(renaming, explainItemError(answer.error));
    else {
      renaming.passwordSet = true;
      if (renaming.password === undefined) renaming.initialPassword = password;
      const now = renaming.password === undefined ? "told" : "program";
      run.snapshot.results[resultKey(renaming.record)] = { ...result, password: now };
    }
  }
}

function refuse(renaming: Renaming, reason: string): void {
  renaming.failure = renameError("RENAME_OPEN", renaming.record, {
    doing: "setting the password of the new account",
    happened: `the server refused it: ${reason}`,
    next: `The rename itself is done, but nobody knows the password of ${newAddress(renaming.record)}. Choose another password and run \`pulumi up\` again.`,
  });
}
