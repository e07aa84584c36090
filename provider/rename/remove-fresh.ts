import { codeOf } from "../errors";
import type { ItemError } from "../kerio/methods/bulk";
import { removeUsers } from "../kerio/methods/users";
import { Deadline, waitFor } from "../retry";
import { explainItemError, isNoSuch } from "./item-errors";
import type { Problems } from "./problems";
import {
  isAstray,
  lookAgain,
  newAddress,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "./run-context";
import { writeDown } from "./save-results";
import { resultKey } from "./snapshot";
import { refusalPatience, removalPatience } from "./steps/remove-old";

/** Removes the accounts that this run made, by id and mark, where the mailbox no longer lies under their name. */
export async function removeFresh(run: RunContext, back: Renaming[], problems: Problems): Promise<void> {
  const accounts = await seeAccounts(run, back);
  const before = await seeDirectories(run, back);
  const made = back.flatMap((renaming) => {
    const fresh = accounts.get(renaming)?.fresh;
    const seen = before.get(renaming) ?? { mailboxAt: "neither" };
    // A mailbox that could not be given back, or found, keeps its account: whoever took the name would get it.
    if (renaming.record.mailbox !== undefined && (seen.mailboxAt === "to" || isAstray(renaming.record, seen)))
      return [];
    if (!fresh) return [];
    if ((fresh.description ?? "").includes(run.snapshot.mark)) return [{ renaming, id: fresh.id }];
    const address = newAddress(renaming.record);
    problems.tell(
      renaming,
      `user ${address}: somebody has changed its description, so it is left alone; remove it, without its mail`,
    );
    return [];
  });
  if (made.length === 0) return;
  await writeIds(run, made);
  await problems.among(
    made.map(({ renaming }) => renaming),
    async () => {
      const results = await removeUsers(
        run.server.client,
        made.map(({ id, renaming }) => {
          const to = before.get(renaming)?.to;
          const hasMail = to !== undefined && to.messages > 0 && to.inode !== renaming.record.mailbox?.inode;
          return hasMail
            ? { userId: id, method: "UMoveFolder", removeReferences: false, targetUserId: renaming.record.oldId }
            : { userId: id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
        }),
        { relogin: false, itemwise: true },
      );
      const going: Renaming[] = [];
      const refused = new Map<Renaming, ItemError>();
      for (const [index, { renaming }] of made.entries()) {
        const result = results[index];
        if (result?.ok === false) refused.set(renaming, result.error);
        else going.push(renaming);
      }
      await problems.among(going, () => untilGone(run, going, removalPatience));
      // "It does not exist" is also said of one that an earlier removal is taking away, and not by its usual code alone.
      const unknown = [...refused].filter(([, error]) => isNoSuch(error)).map(([renaming]) => renaming);
      await untilGone(run, unknown, removalPatience).catch(unlessStillThere);
      await untilGone(run, [...refused.keys()], refusalPatience).catch(unlessStillThere);
      const left = await seeAccounts(run, [...refused.keys()]);
      for (const [renaming, error] of refused) {
        if (left.get(renaming)?.fresh === undefined) continue;
        const reason = explainItemError(error);
        problems.tell(
          renaming,
          `user ${newAddress(renaming.record)}: removing the unfinished account failed: ${reason}`,
        );
      }
    },
  );
}

/** Once an account is gone, its id alone tells that what lies under its name may be what it has left. */
async function writeIds(run: RunContext, made: { renaming: Renaming; id: string }[]): Promise<void> {
  const { results } = run.snapshot;
  const unwritten = made.filter(({ renaming, id }) => results[resultKey(renaming.record)]?.madeId !== id);
  for (const { renaming, id } of unwritten) {
    const key = resultKey(renaming.record);
    results[key] = { ...results[key], madeId: id };
  }
  if (unwritten.length > 0) await writeDown(run);
}

function unlessStillThere(error: unknown): void {
  if (codeOf(error) !== "TIMEOUT") throw error;
}

async function untilGone(run: RunContext, going: Renaming[], seconds: number): Promise<void> {
  if (going.length === 0) return;
  await waitFor(
    {
      what: "the unfinished account to be gone from the server's list",
      object: going.map((renaming) => `user ${newAddress(renaming.record)}`).join(", "),
      deadline: Deadline.in(seconds),
      every: 500,
    },
    async () => {
      lookAgain(run);
      const left = await seeAccounts(run, going);
      return going.some((renaming) => left.get(renaming)?.fresh !== undefined) ? undefined : true;
    },
  );
}
