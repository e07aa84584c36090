import type { Command } from "../../kerio/methods/batch";
import type { ItemResult } from "../../kerio/methods/bulk";
import { setUsers } from "../../kerio/methods/users";
import { explainItemError } from "../item-errors";
import {
  alive,
  renameError,
  seeAccounts,
  seeUsers,
  type Accounts,
  type Renaming,
  type RunContext,
} from "../run-context";
import { freeSeats } from "../seats";
import type { Step } from "./step";

/**
 * Enables the new accounts, and disables one of somebody who has been locked out since it was made. Where a licence seat
 * is free, the old one keeps its own until it is removed, so that its mail is never turned away; otherwise it gives its
 * seat up first: two are never needed.
 */
export const switchOver: Step = {
  name: "switch-over",
  doneAtOnce: true,
  unseen: "the new account is not enabled as wanted",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => accounts.get(renaming)?.fresh?.isEnabled !== renaming.record.enabled);
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    const freshOf = (renaming: Renaming) => accounts.get(renaming)?.fresh?.id;
    const lockedOut = pending.filter(({ record }) => !record.enabled);
    await setAll(run, lockedOut, freshOf, false);
    const spare = await withSpareSeat(run, pending, accounts);
    const refused = await enableBeside(run, [...spare], accounts);
    const rest = pending.filter((renaming) => !spare.has(renaming) || refused.has(renaming));
    const old = rest.filter((renaming) => accounts.get(renaming)?.old?.isEnabled);
    await setAll(run, old, (renaming) => accounts.get(renaming)?.old?.id, false);
    const fresh = rest.filter((r) => r.failure === undefined && r.record.enabled);
    await setAll(run, fresh, freshOf, true);
  },
};

/** Those for whom a seat is free while their old account still has its own. */
export function withSpareSeat(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Set<Renaming>> {
  return withFreeSeat(
    run,
    renamings.filter((r) => r.record.enabled && accounts.get(r)?.old?.isEnabled),
  );
}

/** As many as find a seat beside everybody who has one, under the domain's limit and the licence. */
export async function withFreeSeat(run: RunContext, wanting: Renaming[]): Promise<Set<Renaming>> {
  const spare = new Set<Renaming>();
  const { client, inventory } = run.server;
  for (const domainId of new Set(wanting.map((r) => r.record.domainId))) {
    const domains = await inventory.domains();
    const domain = domains.find((candidate) => candidate.id === domainId);
    if (!domain) continue;
    const enabled = (await seeUsers(run, domainId)).filter((user) => user.isEnabled !== false).length;
    const seats = await freeSeats(client, domain, enabled, domains);
    // What goes to the people of another domain of this loop has not been taken yet.
    const free = Math.max(0, Math.min(seats.domain, seats.licence - spare.size));
    for (const renaming of wanting.filter((r) => r.record.domainId === domainId).slice(0, free)) spare.add(renaming);
  }
  return spare;
}

/** Somebody else may have taken a seat since they were counted: those who were refused give up the old account's. */
async function enableBeside(
  run: RunContext,
  renamings: Renaming[],
  accounts: Map<Renaming, Accounts>,
): Promise<Set<Renaming>> {
  const results = await set(run, renamings, (renaming) => accounts.get(renaming)?.fresh?.id, true);
  return new Set(renamings.filter((_, index) => results[index]?.ok === false));
}

/** Enabling or disabling accounts, as a call among others; none where there are no accounts. */
export function seatCommand(userIds: readonly (string | undefined)[], isEnabled: boolean): Command[] {
  return userIds.length > 0 ? [{ method: "Users.set", params: { userIds, pattern: { isEnabled } } }] : [];
}

/** One call for all of them; where the server refuses it for one seat too many, the first get what is free. */
function set(
  run: RunContext,
  renamings: readonly Renaming[],
  idOf: (renaming: Renaming) => string | undefined,
  isEnabled: boolean,
): Promise<ItemResult<void>[]> {
  const ids = renamings.map((renaming) => idOf(renaming) ?? "");
  return setUsers(run.server.client, ids, { isEnabled }, { relogin: false, itemwise: true });
}

/** Enables or disables the accounts of several renamings; a refusal is the failure of the one whom it concerns. */
async function setAll(
  run: RunContext,
  renamings: Renaming[],
  idOf: (renaming: Renaming) => string | undefined,
  isEnabled: boolean,
): Promise<void> {
  const concerned = renamings.filter((renaming) => idOf(renaming) !== undefined);
  if (concerned.length === 0) return;
  const results = await set(run, concerned, idOf, isEnabled);
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
