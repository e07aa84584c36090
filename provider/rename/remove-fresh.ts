import { removeUsers } from "../kerio/methods/users";
import { Deadline, waitFor } from "../retry";
import { explainItemError } from "./item-errors";
import type { Problems } from "./problems";
import { lookAgain, newAddress, seeAccounts, seeDirectories, type Renaming, type RunContext } from "./run-context";
import { removalPatience } from "./steps/remove-old";

/** Removes the accounts that this run made, by id and mark, where the mailbox no longer lies under their name. */
export async function removeFresh(run: RunContext, back: Renaming[], problems: Problems): Promise<void> {
  const accounts = await seeAccounts(run, back);
  const before = await seeDirectories(run, back);
  const made = back.flatMap((renaming) => {
    const fresh = accounts.get(renaming)?.fresh;
    // A mailbox that could not be given back keeps its account: whoever took the name meanwhile would get it.
    if (renaming.record.mailbox !== undefined && before.get(renaming)?.mailboxAt === "to") return [];
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
        { relogin: false },
      );
      const going = made.filter(({ renaming }, index) => {
        const result = results[index];
        if (result?.ok !== false) return true;
        const reason = explainItemError(result.error);
        problems.tell(
          renaming,
          `user ${newAddress(renaming.record)}: removing the unfinished account failed: ${reason}`,
        );
        return false;
      });
      await untilGone(
        run,
        going.map(({ renaming }) => renaming),
      );
    },
  );
}

async function untilGone(run: RunContext, going: Renaming[]): Promise<void> {
  if (going.length === 0) return;
  await waitFor(
    {
      what: "the unfinished account to be gone from the server's list",
      object: going.map((renaming) => `user ${newAddress(renaming.record)}`).join(", "),
      deadline: Deadline.in(removalPatience),
      every: 500,
    },
    async () => {
      lookAgain(run);
      const left = await seeAccounts(run, going);
      return going.some((renaming) => left.get(renaming)?.fresh !== undefined) ? undefined : true;
    },
  );
}
