import type { Domain } from "../kerio/methods/domains";
import { findEntityByEmail, type EmailEntity } from "../kerio/methods/server";
import type { Alias } from "../kerio/methods/aliases";
import type { User } from "../kerio/methods/users";
import { roleAdvice } from "../kerio/role-advice";
import { delivers, namesOf } from "./delivery-address";
import type { MailServer } from "./mail-server";
import { doneBefore } from "./done-before";
import { allAtOnce } from "./plan";
import { seatToWake, type Waking } from "./seats";
import type { Snapshot } from "./snapshot";
import type { AnnouncedRename, Findings } from "./user-request";

/** A rename as it is asked about: the program's password, where it declares one, is held against the policy. */
export type RenameQuestion = AnnouncedRename & {
  password?: string;
  /** Whether the program declares a password, known or not. Default: whether `password` is there. */
  hasPassword?: boolean;
  /** Whether the old address is to stay reachable through an alias. Default true. */
  keepOldAddress?: boolean;
  /** The extra addresses that the program declares, as local parts. Default: it declares none. */
  emailAddresses?: readonly string[];
  /** Whether the engine's state has the account, so that its id comes with the rename. Default: it is named by hand. */
  isKnown?: boolean;
  /**
   * Whether the account that bears the new name makes way in the same run: `perhaps`, where only the run itself can
   * tell. Default: it does not.
   */
  makesWay?: (bearer: User) => boolean | "perhaps";
  /** Whether an alias under the new name gives way, though it leads to somebody else. Default: none does. */
  givesWay?: (alias: Alias) => boolean;
  /** Every snapshot on the mail host, closed ones too: names alone may mean a rename that was done before. */
  snapshots?: readonly Snapshot[];
  /** Whether the program enables the account, so that a disabled one takes a seat. Default: it does not. */
  enables?: boolean;
  /** The disabled accounts that renames of the same update enable; this one is added where it finds a seat. */
  waking?: Waking;
};

/** The aliases under the new name that give way to the account. */
export async function aliasesInTheWay(server: MailServer, question: RenameQuestion): Promise<Alias[]> {
  const rows = (await server.inventory.aliases(question.domain)).filter(
    (alias) => alias.name.toLowerCase() === question.to,
  );
  return rows.filter((alias) => question.givesWay?.(alias) ?? false);
}

/**
 * What can be seen through the API alone before a rename: asked in the preview, and once more before the first effect.
 * Reads only.
 */
export async function askAboutRename(
  server: MailServer,
  question: RenameQuestion,
): Promise<Findings & { account?: User }> {
  const { inventory } = server;
  const refusals: string[] = [];
  const warnings: string[] = [];
  const address = `${question.from}@${question.domain}`;
  const domain = await inventory.domain(question.domain);
  const users = await inventory.users(question.domain);
  const byName = users.find((user) => user.loginName.toLowerCase() === question.from.toLowerCase());
  const account = question.fromId ? users.find((user) => user.id === question.fromId) : byName;
  const before =
    question.fromId === undefined ? doneBefore(question.snapshots ?? [], question, users, account) : undefined;
  if (before !== undefined) return { refusals: [before], warnings };
  if (!account) {
    if (byName && question.fromId) {
      refusals.push(
        `The account ${address} is not the one this resource was made for (the server gave it another id): somebody removed ` +
          `and created it anew. Run \`pulumi refresh\`, or write renamedFrom by hand if this account is to be renamed.`,
      );
    } else {
      const next =
        question.fromId || question.isKnown
          ? "Run `pulumi refresh` to see what became of it."
          : "Correct renamedFrom, or leave it out.";
      refusals.push(`There is no account ${address} to rename. ${next}`);
    }
    return { refusals, warnings };
  }
  if (question.from.toLowerCase() === question.to.toLowerCase()) {
    refusals.push(
      `${question.from} and ${question.to} differ in letter case only, which the mail server does not tell apart.`,
    );
  }
  refusals.push(...unsuitableAccount(account, address), ...(await unsuitableRights(server, account, address)));
  refusals.push(...(await unsuitableDomain(server, domain)));
  const bearer = users.find((user) => user.loginName.toLowerCase() === question.to && user.id !== account.id);
  const makesWay = bearer && (question.makesWay?.(bearer) ?? false);
  if (bearer && makesWay === "perhaps") warnings.push(perhapsTaken(question, bearer));
  if (bearer && makesWay === false) refusals.push(taken(question, bearer));
  else refusals.push(...(await nameIsTaken(server, domain, question, users, bearer)));
  refusals.push(...passwordAgainstPolicy(domain, question), ...oldNameTwice(domain, question));
  warnings.push(...textPointers(users, domain, question));
  if (refusals.length === 0 && question.enables && account.isEnabled === false)
    refusals.push(...(await seatToWake(server, question.domain, account, question.waking)));
  return { refusals, warnings, account };
}

function unsuitableAccount(account: User, address: string): string[] {
  const reasons: string[] = [];
  if (account.itemSource && account.itemSource !== "DSInternalSource") {
    reasons.push(
      `${address} comes from a directory service; rename it there and follow the vendor's manual procedure.`,
    );
  } else if (account.authType && account.authType !== "UInternalAuth") {
    reasons.push(
      `${address} signs in through ${account.authType}; only accounts with internal authentication can be renamed.`,
    );
  }
  if (account.migration?.enabled) reasons.push(`${address} is being migrated; wait until that has ended.`);
  return reasons;
}

async function unsuitableRights(server: MailServer, account: User, address: string): Promise<string[]> {
  const me = await server.inventory.me();
  if (me.id !== "" && me.id === account.id) {
    return [`${address} is the account this stack signs in with; sign in with another administrator to rename it.`];
  }
  const rank = (role: string | undefined) => roles.indexOf(role ?? "UserRole");
  const mine = me.effectiveRole?.userRole;
  if (mine !== undefined && roles.includes(mine) && rank(mine) < rank("AccountAdmin"))
    return [`The login ${server.settings.api.username} may not change accounts. ${roleAdvice(server.settings.api)}`];
  const theirs = rank(account.effectiveRole?.userRole ?? account.role?.userRole);
  if (theirs > rank(me.effectiveRole?.userRole)) {
    return [
      `${address} has more rights than the login ${server.settings.api.username}; sign in as a full administrator.`,
    ];
  }
  return [];
}

const roles = ["UserRole", "Auditor", "AccountAdmin", "FullAdmin", "BuiltInDomainAdmin", "BuiltInAdmin"];

async function unsuitableDomain(server: MailServer, domain: Domain): Promise<string[]> {
  const reasons: string[] = [];
  if (domain.renameInfo?.isRenamed) {
    reasons.push(
      `The domain ${domain.name} is being renamed (from ${domain.renameInfo.oldName ?? "?"}); wait until that has ended.`,
    );
  }
  if (domain.isDistributed || !(await server.inventory.standsAlone())) {
    reasons.push(
      `The server is part of a distributed domain; mailboxes there belong to directory accounts and cannot be renamed this way.`,
    );
  }
  return reasons;
}

function taken({ to, domain }: RenameQuestion, bearer: User): string {
  return (
    `${to}@${domain} is the account of ${labelOf(bearer)}. If this program gives that person another name too, both must ` +
    `come together: ${allAtOnce}. Otherwise choose another name.`
  );
}

function perhapsTaken({ from, to, domain }: RenameQuestion, bearer: User): string {
  return (
    `${to}@${domain} is the account of ${labelOf(bearer)}. If this program renames it in the same update, both are done ` +
    `together, and mail to ${to}@${domain} then goes to the person who is ${from} today. Otherwise \`pulumi up\` refuses this ` +
    "rename before anything is touched."
  );
}

/** What a person calls an account. */
export function labelOf(user: User): string {
  return user.fullName || user.loginName;
}

/** @param leaver the account that bears the name and makes way for this rename */
async function nameIsTaken(
  server: MailServer,
  domain: Domain,
  question: RenameQuestion,
  users: User[],
  leaver: User | undefined,
): Promise<string[]> {
  const address = `${question.to}@${question.domain}`;
  const isLeaver = ({ kind, name }: EmailEntity) =>
    kind === "EntityUser" && leaver !== undefined && name.toLowerCase() === leaver.loginName.toLowerCase();
  const taken = await entitiesNamed(server, domain.id, question.to);
  const hasOwnAlias = await isOwnAlias(server, domain, question);
  const reasons = taken
    .filter(
      (entity) =>
        !isLeaver(entity) && !isOwnAddress(entity, users, question) && !(entity.kind === "EntityAlias" && hasOwnAlias),
    )
    .map((entity) => `${address} is taken by ${describeEntity(entity)}; ${howToFree(entity)} or choose another name.`);
  const directory = (await server.inventory.mailboxes(question.domain)).find(
    (name) => name.toLowerCase() === question.to,
  );
  if (directory !== undefined && !leaver) {
    reasons.push(
      `The store holds a mailbox directory ${directory} that no account owns (a leaver's mail, perhaps). Move it away on the mail ` +
        `host, or choose another name.`,
    );
  }
  return reasons;
}

/** The engine removes what a program no longer declares at the end of an update, too late for a rename of the same one. */
function howToFree({ kind }: EmailEntity): string {
  if (kind !== "EntityAlias") return "remove it";
  return "remove it (where this program removes that alias, in an update of its own; where it renames it, let the user come later with dependsOn)";
}

/** Everything but a wildcard that takes mail for a local part. */
export async function entitiesNamed(server: MailServer, domainId: string, name: string): Promise<EmailEntity[]> {
  const found = await findEntityByEmail(server.client, { addresses: [name], domainId });
  return found.filter((entity) => !entity.isPattern);
}

/** One entity as a person would name it. */
export function describeEntity(entity: EmailEntity): string {
  const kinds: Record<string, string> = {
    EntityUser: "the user",
    EntityAlias: "the alias",
    EntityGroup: "the group",
    EntityMailingList: "the mailing list",
    EntityResource: "the resource",
  };
  return `${kinds[entity.kind] ?? entity.kind} ${entity.name}`;
}

/** An alias that leads to the renamed account alone becomes the account's own name; an earlier rename may have left it. */
async function isOwnAlias(server: MailServer, domain: Domain, question: RenameQuestion): Promise<boolean> {
  const { from, to } = question;
  const rows = (await server.inventory.aliases(domain.name)).filter((alias) => alias.name.toLowerCase() === to);
  return rows.every(
    (alias) => delivers(alias.deliverTo, from, namesOf(domain)) || (question.givesWay?.(alias) ?? false),
  );
}

/** An extra address of the renamed account itself is no obstacle, only superfluous afterwards. */
function isOwnAddress(entity: EmailEntity, users: User[], question: RenameQuestion): boolean {
  if (entity.kind !== "EntityUser" || entity.name.toLowerCase() !== question.from.toLowerCase()) return false;
  return users.some((user) => user.loginName.toLowerCase() === entity.name.toLowerCase());
}

function passwordAgainstPolicy(domain: Domain, { password, to }: RenameQuestion): string[] {
  if (password === undefined || !domain.passwordComplexityEnabled) return [];
  if (!password.toLowerCase().includes(to.toLowerCase())) return [];
  return [
    `The domain's password policy forbids passwords that hold the user name, and the declared password holds the new name ${to}. Choose another.`,
  ];
}

/** A server that takes each name once refuses the second of the two, whichever that is, after the rename. */
function oldNameTwice(domain: Domain, { emailAddresses = [], keepOldAddress = true, from }: RenameQuestion): string[] {
  if (!keepOldAddress || !emailAddresses.some((address) => delivers(address, from, namesOf(domain)))) return [];
  return [
    `emailAddresses lists ${from}, the old name, under which the rename leaves an alias already: leave it out of ` +
      "emailAddresses, or have it as an extra address in place of the alias with keepOldAddress: false.",
  ];
}

function textPointers(users: User[], domain: Domain, { from }: RenameQuestion): string[] {
  const address = `${from}@${domain.name}`;
  const names = namesOf(domain);
  const forwarding = users
    .filter((user) => (user.emailForwarding?.emailAddresses ?? []).some((target) => delivers(target, from, names)))
    .map((user) => user.loginName);
  if (forwarding.length === 0) return [];
  return [
    `Forwarding of ${forwarding.slice(0, 5).join(", ")} names ${address} as text; it reaches the new name through the alias only.`,
  ];
}
