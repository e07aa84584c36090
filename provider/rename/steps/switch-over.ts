import { setUsers } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import { alive, renameError, seeAccounts, type Renaming, type RunContext } from "../run-context";
import type { Step } from "./step";

/** Takes the licence seat from the old account and gives it to the new one, in this order: two are never needed. */
export const switchOver: Step = {
  name: "switch-over",
  unseen: "the new account is not enabled as wanted",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => {
      const { old, fresh } = accounts.get(renaming) ?? {};
      return (old !== undefined && old.isEnabled !== false) || fresh?.isEnabled !== renaming.record.enabled;
    });
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    const old = pending.filter((renaming) => accounts.get(renaming)?.old?.isEnabled);
    await setAll(run, old, (renaming) => accounts.get(renaming)?.old?.id, false);
    const fresh = pending.filter((r) => r.failure === undefined && r.record.enabled);
    await setAll(run, fresh, (renaming) => accounts.get(renaming)?.fresh?.id, true);
  },
};

/** Enables or disables the accounts of several renamings in one call. */
export async function setAll(
  run: RunContext,
  renamings: Renaming[],
  idOf: (renaming: Renaming) => string | undefined,
  isEnabled: boolean,
): Promise<void> {
  const concerned = renamings.filter((renaming) => idOf(renaming) !== undefined);
  if (concerned.length === 0) return;
  const results = await setUsers(
    run.server.client,
    concerned.map((renaming) => idOf(renaming) ?? ""),
    { isEnabled },
    { relogin: false },
  );
  concerned.forEach((renaming, index) => {
    const result = results[index];
    if (result?.ok !== false) return;
    renaming.failure = renameError("RENAME_OPEN", renaming.record, {
      doing: isEnabled ? "enabling the account" : "disabling the account",
      happened: `the server refused it: ${explainItemError(result.error)}`,
      next: "Correct the cause and run `pulumi up` again; it goes on from here.",
    });
  });
}
