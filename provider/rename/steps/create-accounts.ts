import { codeOf, KerioError, messageOf } from "../../errors";
import { generatePassword } from "../../kerio/methods/domains";
import { createUsers, getPersonalContacts, type NewUser, type PersonalContact } from "../../kerio/methods/users";
import { hasPhoto, sameAddresses, writeContact } from "../../kerio/methods/write-contact";
import { explainItemError } from "../item-errors";
import { alive, newAddress, renameError, seeAccounts, type Renaming, type RunContext } from "../run-context";
import { markedDescription } from "../snapshot";
import type { Step } from "./step";

/** Makes the new accounts: disabled, so that they take no licence seat and nobody can sign in, and marked as ours. */
export const createAccounts: Step = {
  name: "create-accounts",
  unseen: "the new account is not in the server's list",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    return alive(run).filter((renaming) => {
      const { old, fresh, stranger } = accounts.get(renaming) ?? {};
      if (old && stranger) renaming.failure = taken(renaming);
      return old !== undefined && fresh === undefined && stranger === undefined;
    });
  },
  async act(run, pending) {
    const throwaway = new Map<string, string>();
    for (const domainId of new Set(pending.map((r) => r.record.domainId))) {
      throwaway.set(domainId, await generatePassword(run.server.client, domainId));
    }
    const results = await createUsers(
      run.server.client,
      pending.map((renaming) => newUser(run, renaming, throwaway.get(renaming.record.domainId) ?? "")),
    );
    for (const [index, renaming] of pending.entries()) {
      const password = renaming.password !== undefined;
      const result = results[index];
      if (result?.ok) renaming.passwordSet = password;
      // Somebody has made way already: a password that is refused is set at the end, or told then.
      else if (password && renaming.record.after !== undefined) await createWithoutPassword(run, renaming, throwaway);
      else renaming.failure = refused(renaming, result ? explainItemError(result.error) : "the server gave no answer");
    }
  },
};

async function createWithoutPassword(
  run: RunContext,
  renaming: Renaming,
  passwords: Map<string, string>,
): Promise<void> {
  const user = { ...newUser(run, renaming, ""), password: passwords.get(renaming.record.domainId) ?? "" };
  const [result] = await createUsers(run.server.client, [user]);
  if (result?.ok === false) renaming.failure = refused(renaming, explainItemError(result.error));
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

/** Whether every member of `wanted` is found in `actual`, empty texts and missing members being alike. */
export function isWithin(wanted: unknown, actual: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return (wanted ?? "") === (actual ?? "");
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

function refused(renaming: Renaming, reason: string): KerioError {
  return renameError("RENAME_ROLLED_BACK", renaming.record, {
    doing: "making the new account",
    happened: `the server refused it: ${reason}`,
    next: "The old account is as it was. Correct the cause and run `pulumi up` again.",
  });
}
