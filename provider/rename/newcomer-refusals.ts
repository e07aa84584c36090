import { KerioError } from "../errors";
import type { ItemError } from "../kerio/methods/bulk";
import type { User } from "../kerio/methods/users";
import { accessDenied, roleAdvice } from "../kerio/role-advice";
import { explainItemError } from "./item-errors";
import type { Mark } from "./mark";
import type { UserRequest } from "./user-request";

/** The refusal of a new account whose name is that of a mailbox directory without an account. */
export function foreignMailbox(request: { domain: string; name: string }): KerioError {
  return new KerioError("MAILBOX_IN_THE_WAY", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the store holds a mailbox directory ${request.name} that no account owns, and the new account would get its mail`,
    next: "If that mail is this person's, say `adoptMailbox: true`. If it is a leaver's, move the directory away on the mail host or choose another name.",
  });
}

/** The refusal of a new account whose name is taken by something other than an account. */
export function nameTaken(request: { domain: string; name: string }, by: string): KerioError {
  return new KerioError("NAME_TAKEN", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the address is taken by ${by}, and mail would not reach the new account`,
    next: "Remove that (where this program removes it, in an update of its own first), or choose another name.",
  });
}

/** The refusal to take over the account that an unfinished rename has made. */
export function halfMade({ domain, name }: { domain: string; name: string }, { from, to }: Mark): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `user ${name}@${domain}`,
    doing: "creating",
    happened: `the account was made by a rename of ${from}@${domain} to ${to}@${domain} that stopped half-way, and belongs to it`,
    next: `Finish that rename first: run \`pulumi up\` with the resource that is ${from}, or has become ${to}.`,
  });
}

/** The refusal to manage an account that was there before, and is evidently not our own. */
export function exists(request: UserRequest, existing: User): KerioError {
  return new KerioError("ALREADY_EXISTS", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the account exists already${existing.fullName ? ` (${existing.fullName})` : ""}`,
    next: "To manage it with this program, say `adopt: true`; its mail stays. If it is another person's, choose another name.",
  });
}

/** What a newcomer is told whom the server did not want. */
export function refused(request: UserRequest, error: ItemError): KerioError {
  return new KerioError("API_REFUSED", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `the server refused it: ${explainItemError(error)}`,
    ...(error.code === accessDenied && { next: roleAdvice() }),
    outcome: "rejected",
    apiCode: error.code,
  });
}

/** What a newcomer is told whom the server's list does not show afterwards. */
export function notSeen(request: UserRequest): KerioError {
  return new KerioError("OUTCOME_UNKNOWN", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: "the account is not in the server's list afterwards",
    next: "Run `pulumi up` again.",
    outcome: "unknown",
  });
}
