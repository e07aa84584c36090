import type { Fate } from "./outlook";

/** What the next run makes of a rename that died: it is finished from where it stands, or taken back and begun anew. */
export type NextFate = Extract<Fate, "finish" | "roll-back">;

/** What the next run does. */
export interface Next {
  /** What becomes of those whose turn it is. Whoever waits for a name in parking is taken back until the mailbox is placed. */
  fate: NextFate;
  /** The write of this step from which on the other one becomes of them. */
  turnsWith?: string;
  /** The same and more, as the table in the docs tells it. */
  text: string;
}

/** What a step does to the server, and what its death there means. */
export interface Effect {
  /**
   * Every write, in order: methods of the Administration API, and what is asked of the mail host (`host …`). A method
   * that may be called several times in a row stands here once. Empty for a step that only looks.
   */
  writes: readonly string[];
  /** What it writes before these where names depend on each other. */
  chained?: readonly string[];
  /** What the server looks like when a run died in the middle of it, and nobody has done anything since. */
  server: string;
  next: Next;
}

const beforeWindow = "nothing is to be seen from outside; the service runs and was not touched";
const planAnew = { fate: "roll-back", text: "removes what was made, by id and mark, and begins anew" } as const;
const forward = { fate: "finish", text: "goes on from here" } as const;
const reopened = "the supervisor has restarted the engine, so every listener is open";

/**
 * Everything a rename writes, by the name of the step: what the crash tests take their points from, and the table in
 * docs/crash-table.md. A step that is not described here does not compile.
 */
export const effects = {
  "write-snapshot": {
    writes: ["host snapshot"],
    server: beforeWindow,
    next: {
      ...planAnew,
      text: "finds the snapshot open and the old account as it was: closes it and begins anew",
    },
  },
  "create-accounts": {
    writes: ["Users.create"],
    server: `the new account may be there: disabled, marked as ours, without a mailbox; ${beforeWindow}. Who takes a name that an alias bears gets it after the start; where the server lets no user stand beside that, the alias is gone, and its mail comes to the new account, which is enabled where a seat is free; where Batch.run is not known, it may be gone without the account being there yet`,
    next: planAnew,
  },
  "record-accounts": {
    writes: ["host snapshot"],
    server: `the new account is there, disabled and marked; ${beforeWindow}`,
    next: planAnew,
  },
  "write-contacts": {
    writes: ["Users.setPersonalContact"],
    server: `the new account is there, disabled and marked; ${beforeWindow}`,
    next: planAnew,
  },
  "move-mailboxes": {
    writes: ["host stop", "host copy", "host move", "host start"],
    server:
      "before the start the supervisor takes the move back and starts the service, so all is as before; after it the " +
      "mailbox bears the new name, the old account is alive, and mail for it makes a directory of the old name",
    next: { ...planAnew, turnsWith: "host start", text: `moved: ${forward.text}; not moved: ${planAnew.text}` },
  },
  "hold-services": {
    writes: ["host hold", "Services.stop"],
    server: `the mailbox bears the new name, the old account is alive; ${reopened}`,
    next: { ...forward, text: `${forward.text}, with the services held again` },
  },
  "place-mailboxes": {
    writes: ["host stop", "host move", "host start"],
    server:
      "in a chain of names: whoever bore the new name has another one, the mailbox waits in the parking directory or bears " +
      "the new name already, without an account. A server that has written down who is gone is not stopped for it. Before " +
      `the start the supervisor takes the move back. One that waits goes home while its old account is there; ${reopened}`,
    next: {
      ...planAnew,
      turnsWith: "host start",
      text: `${forward.text}; one that went home is taken back, where nobody who is past the point of no return needs its name`,
    },
  },
  "see-adoption": {
    writes: [],
    server: `it only looks; ${reopened}`,
    next: forward,
  },
  "swap-at-once": {
    writes: ["host snapshot", "Batch.run"],
    server:
      "the new account is enabled and has the groups, lists and addresses; the old one is alive beside it, or disabled " +
      `where no seat was free; ${reopened}`,
    next: { ...forward, text: `${forward.text}; so it does with a circle of names, which is taken back until then` },
  },
  "add-memberships": {
    writes: ["Groups.addMemberList", "MailingLists.addMlUserList"],
    server: `some groups and lists have both accounts; ${reopened}`,
    next: forward,
  },
  "switch-over": {
    writes: ["Users.set"],
    server: `the new account is enabled, the old one beside it; where no seat was free the old one is disabled, the new one perhaps not enabled yet; ${reopened}`,
    next: forward,
  },
  "lift-interim": {
    writes: ["Aliases.remove"],
    server:
      "in a chain of names: the new bearer of a name is enabled, and the alias that has borne it meanwhile is gone, or still " +
      `leads its mail to the former bearer; ${reopened}`,
    next: forward,
  },
  repoint: {
    writes: ["Aliases.set", "Resources.set", "MailingLists.set"],
    server: `the new account is enabled, some aliases, resources and archives know it; ${reopened}`,
    next: forward,
  },
  "drop-memberships": {
    writes: ["Groups.removeMemberList", "MailingLists.removeMlUserList"],
    server: `the new account is in use, some groups and lists have both accounts; ${reopened}`,
    next: forward,
  },
  "remove-old": {
    writes: ["Users.remove"],
    chained: ["host keep"],
    server: `the new account is in use, the old one alive, disabled or gone; ${reopened}. Gone: the alias takes its mail, or, where the server allowed none beside it, its address is unknown until the next run. In a circle of names whoever has left goes on under a temporary name, and the mailbox waits in the parking directory`,
    next: {
      ...forward,
      text: `${forward.text}; the point of no return is the removal, for everybody in a circle of names`,
    },
  },
  "record-results": {
    writes: ["host snapshot"],
    server: `the old account is gone, its address leads to the new one; ${reopened}`,
    next: forward,
  },
  "add-addresses": {
    writes: ["Aliases.create", "Users.set"],
    server: `the old account is gone, its address leads to the new one as soon as the alias is there; ${reopened}`,
    next: forward,
  },
  "sweep-strays": {
    writes: ["host salvage", "Users.checkMailboxIntegrity"],
    server: "renamed; messages that came under the old name lie in a directory nobody sees, or in INBOX already",
    next: { ...forward, text: "moves them into the person's INBOX" },
  },
  "release-services": {
    writes: ["Services.start", "host unhold"],
    server: `renamed, the old address leads to the new account; ${reopened}`,
    next: forward,
  },
  "clear-marks": {
    writes: ["Users.set"],
    server: "renamed and in use; the description still says that a rename is on",
    next: { ...forward, text: "gives it its description" },
  },
  "set-passwords": {
    writes: ["Users.set"],
    server: "renamed and in use; nobody knows the password",
    next: { ...forward, text: "sets the program's password, or a generated one that is told" },
  },
  "roll-back": {
    writes: [
      "Batch.run",
      "Users.set",
      "Groups.addMemberList",
      "Groups.removeMemberList",
      "MailingLists.addMlUserList",
      "MailingLists.removeMlUserList",
      "Aliases.set",
      "MailingLists.set",
      "Resources.set",
      "host stop",
      "host move",
      "host start",
      "Users.remove",
    ],
    server: `a rename that could not be carried out is being taken back: the old account is enabled and has some of its groups, lists and aliases again, the mailbox bears the new name or the old one, the new account is disabled or gone; in a chain of names the name leads to its former bearer again, and an alias that had to go for the account is back once that is gone; ${reopened}`,
    next: {
      ...forward,
      turnsWith: "host start",
      text: `the mailbox bears the new name: ${forward.text}, with the rename; it bears the old one: ${planAnew.text}`,
    },
  },
} as const satisfies Record<string, Effect>;

/** The name of a step, or of what a run does beside the steps. */
export type EffectName = keyof typeof effects;

/** From that write on everybody in a circle of names is finished by the next run; until then everybody is taken back. */
export const closesCircle = { step: "swap-at-once", write: "Batch.run" } as const;
