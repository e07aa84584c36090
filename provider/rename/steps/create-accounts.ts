import { codeOf, KerioError, messageOf } from "../../errors";
import { generatePassword } from "../../kerio/methods/domains";
import { getPersonalContacts, type NewUser, type PersonalContact } from "../../kerio/methods/users";
import { hasPhoto, sameAddresses, writeContact } from "../../kerio/methods/write-contact";
import { isLifted, yieldingAliases } from "../lifted-aliases";
import {
  alive,
  lookAgain,
  newAddress,
  renameError,
  seeAccounts,
  seeDirectories,
  type Accounts,
  type Renaming,
  type RunContext,
} from "../run-context";
import { markedDescription, noteForeign } from "../snapshot";
import { askForUsers } from "./ask-for-users";
import { createAnyhow } from "./create-anyhow";
import type { Step } from "./step";
import { withSpareSeat } from "./switch-over";

/**
 * Makes the new accounts, marked as ours, and disabled, so that they take no licence seat and nobody can sign in. One that
 * takes over a name has its mailbox already, or has had an alias of the name go for it in a run that died, and mail for that
 * name may come at any moment: where a seat is free, it is enabled from the beginning, because a server that asks users
 * before aliases returns the mail of a disabled one.
 */
export const createAccounts: Step = {
  name: "create-accounts",
  unseen: "the new account is not in the server's list",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const bereft = await withoutAccount(run, accounts);
    return alive(run).filter((renaming) => {
      const { old, fresh, stranger } = accounts.get(renaming) ?? {};
      if (old && stranger) renaming.failure = taken(renaming);
      return (old !== undefined || bereft.has(renaming)) && fresh === undefined && stranger === undefined;
    });
  },
  async act(run, all) {
    await refuseOccupied(run, all);
    const pending = all.filter((renaming) => renaming.failure === undefined);
    if (pending.length === 0) return;
    const throwaway = new Map<string, string>();
    for (const domainId of new Set(pending.map((r) => r.record.domainId))) {
      throwaway.set(domainId, await generatePassword(run.server.client, domainId));
    }
    const intoName = pending.filter(({ record }) => record.after !== undefined);
    const replacing = pending.filter(({ record }) => yieldingAliases(record).length > 0);
    const seated = [...intoName, ...replacing];
    const spare = await withSpareSeat(run, seated, await seeAccounts(run, seated));
    const users = pending.map((renaming) => ({
      ...newUser(run, renaming, throwaway.get(renaming.record.domainId) ?? ""),
      isEnabled: spare.has(renaming) && (intoName.includes(renaming) || isLifted(run, renaming)),
    }));
    const refusals = await askForUsers(run, users, pending);
    for (const [index, renaming] of pending.entries()) {
      const [user, reason] = [users[index], refusals[index]];
      if (reason === undefined) renaming.passwordSet = renaming.password !== undefined;
      else {
        const password = throwaway.get(renaming.record.domainId) ?? "";
        // With the alias its mail goes to the new account at once, and would be returned to a disabled one.
        const best = user && { ...user, isEnabled: spare.has(renaming) };
        const isMade =
          best && seated.includes(renaming) && (await createAnyhow(run, { renaming, user: best, password }));
        if (!isMade) renaming.failure = refused(renaming, reason);
      }
    }
  },
};

/** The people who have neither account any more, while their mailbox is there: what the snapshot holds makes it anew. */
async function withoutAccount(run: RunContext, accounts: Map<Renaming, Accounts>): Promise<Set<Renaming>> {
  const none = alive(run).filter((renaming) => {
    const { old, fresh, predecessor, stranger } = accounts.get(renaming) ?? {};
    return renaming.record.mailbox !== undefined && !(old ?? fresh ?? predecessor ?? stranger);
  });
  if (none.length === 0) return new Set();
  const directories = await seeDirectories(run, none);
  return new Set(
    none.filter((renaming) => {
      const at = directories.get(renaming)?.mailboxAt;
      // A mailbox that is to take over a name is placed before its account is made.
      return at === "to" || (at === "from" && renaming.record.after === undefined);
    }),
  );
}

/**
 * The last look before an account binds itself to what lies under its name: a directory that is there by now is somebody
 * else's mail. Who takes over a name has been looked at when the mailbox was put there.
 */
async function refuseOccupied(run: RunContext, renamings: Renaming[]): Promise<void> {
  lookAgain(run);
  const directories = await seeDirectories(run, renamings);
  for (const renaming of renamings) {
    const { to } = directories.get(renaming) ?? {};
    const { record } = renaming;
    if (!to || to.inode === record.mailbox?.inode || record.after !== undefined) continue;
    noteForeign(run.snapshot, record);
    renaming.failure = occupied(renaming);
  }
}

/** Gives the new accounts the old ones' contact data, with what the program declares laid over it. */
export const writeContacts: Step = {
  name: "write-contacts",
  unseen: "the new account's contact data is not as wanted",
  async pending(run) {
    const wanted = alive(run).filter((renaming) => renaming.record.contact !== undefined);
    const accounts = await seeAccounts(run, wanted);
    const ids = wanted.flatMap((renaming) => accounts.get(renaming)?.fresh?.id ?? []);
    if (ids.length === 0) return [];
    const contacts = await getPersonalContacts(run.server.client, ids);
    return wanted.filter((renaming) => {
      const id = accounts.get(renaming)?.fresh?.id;
      if (id === undefined) return false;
      const [wanted, seen] = [renaming.record.contact ?? {}, contacts.get(id)];
      return !isWritten(wanted, seen) || (hasPhoto(wanted) && !hasPhoto(seen) && !renaming.photoTried);
    });
  },
  async act(run, pending) {
    const accounts = await seeAccounts(run, pending);
    for (const renaming of pending) {
      const id = accounts.get(renaming)?.fresh?.id;
      if (id && renaming.record.contact) await giveContact(run, renaming, id, renaming.record.contact);
    }
  },
};

/** Whether a card holds what is wanted; which photo it is cannot be told, and one must keep nobody from going on. */
function isWritten(
  { photo: _, emailAddresses, ...plain }: PersonalContact,
  seen: PersonalContact | undefined,
): boolean {
  return isWithin(plain, seen) && (emailAddresses === undefined || sameAddresses({ emailAddresses }, seen));
}

/** The photo is handed on by its id. Where the server does not take it so, the rest is written without it. */
async function giveContact(run: RunContext, renaming: Renaming, id: string, contact: PersonalContact): Promise<void> {
  const { client } = run.server;
  const withPhoto = hasPhoto(contact) && !renaming.photoTried;
  const card = withPhoto ? contact : { ...contact, photo: undefined };
  if (withPhoto) renaming.photoTried = true;
  try {
    const seen = await writeContact(client, id, card);
    if (withPhoto && !hasPhoto(seen)) renaming.notes.push(photoLeft(renaming));
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    if (!withPhoto) {
      renaming.failure = contactRefused(renaming, error);
      return;
    }
    renaming.notes.push(photoLeft(renaming));
    await giveContact(run, renaming, id, contact);
  }
}

function newUser(run: RunContext, renaming: Renaming, throwaway: string): NewUser {
  const { record } = renaming;
  return {
    ...record.settings,
    domainId: record.domainId,
    loginName: record.to,
    password: renaming.password ?? throwaway,
    description: markedDescription(run.snapshot, record),
    isEnabled: false,
    emailAddresses: [],
    userGroups: [],
  };
}

/** Whether every member of `wanted` is found in `actual`, empty texts and missing members being alike; lists are whole. */
export function isWithin(wanted: unknown, actual: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return (wanted ?? "") === (actual ?? "");
  if (Array.isArray(wanted) && wanted.length !== (Array.isArray(actual) ? actual.length : 0)) return false;
  return Object.entries(wanted).every(([key, value]) => isWithin(value, (actual as Record<string, unknown>)?.[key]));
}

function photoLeft({ record }: Renaming): string {
  return (
    `The server did not take the photo of ${newAddress(record)}'s contact over from the old account. ` +
    "Where the program declares none, it must be given again."
  );
}

function contactRefused(renaming: Renaming, cause: unknown): KerioError {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "giving the new account its contact data",
    happened: messageOf(cause),
    next: "The old account is as it was. Correct the cause and run `pulumi up` again.",
    cause,
  });
}

function taken(renaming: Renaming): KerioError {
  return renameError("RENAME_REFUSED", renaming.record, {
    doing: "making the new account",
    happened: `an account ${newAddress(renaming.record)} exists that this run did not make`,
    next: "Choose another name, or remove that account by hand if it is not needed.",
  });
}

function occupied(renaming: Renaming): KerioError {
  const { to, domainPath } = renaming.record;
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "making the new account",
    happened: `a directory ${to} has appeared in ${domainPath} that this run did not make`,
    next: "The old account is as it was. Look on the mail host whose mail that is and move it away, or choose another name.",
  });
}

function refused(renaming: Renaming, reason: string): KerioError {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "making the new account",
    happened: `the server refused it: ${reason}`,
    next: "The old account is as it was. Correct the cause and run `pulumi up` again.",
  });
}
