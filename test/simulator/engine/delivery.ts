import { bearersOf, splitAddress } from "./addresses.js";
import type { Engine } from "./engine.js";
import { fullness } from "./fullness.js";
import { listReceivers } from "./list-receivers.js";
import { isDirectory, storeMessage } from "./mailbox.js";
import { join } from "node:path";
import type { Alias, Domain, MailingList, Resource, User } from "./state.js";

/** Where a message ends. */
export type Target =
  | { kind: "mailbox"; user: User }
  | { kind: "public"; domain: Domain; folder: string }
  | { kind: "resource"; address: string }
  /** Back with its sender, after it has been taken. */
  | { kind: "returned"; address: string; reason: string }
  | { kind: "remote"; address: string };

/** The ends of an address, or the reason it has none. */
export interface Resolution {
  targets: Target[];
  /** Set when nothing takes the mail: the text of the refusal. */
  refusal?: string;
  /** The ends that take none, beside those that do. */
  refused: RefusedEnd[];
}

/** An end of an address that takes no mail, and the text of its refusal. */
interface RefusedEnd {
  address: string;
  reason: string;
}

/**
 * Follows an address to its ends: users with their forwarding, aliases (several rows of one name), groups, mailing
 * lists, resources, the wildcards, and last the server that a domain forwards its unknown names to. A name once used
 * is flagged: where aliases lead back to one, the mail ends in the mailbox of the last alias that was not.
 *
 * @param sender - Whose mail it is, for lists that do not let everybody post. Left out, each list lets it pass.
 */
export function resolveAddress(engine: Engine, address: string, sender?: string): Resolution {
  const walk = new Walk(engine, sender);
  walk.follow(address, engine.primaryDomain?.name ?? "");
  const { targets, refused } = walk;
  if (targets.length > 0) return { targets, refused };
  const refusal = refused.at(-1)?.reason ?? `550 5.1.1 <${address}>: user unknown`;
  return { targets, refusal, refused: [] };
}

/** The expansion of one address into targets. */
class Walk {
  readonly targets: Target[] = [];
  readonly refused: RefusedEnd[] = [];
  private readonly usedNames = new Set<string>();
  /** The names of the aliases that have led to where the walk is. */
  private readonly path: string[] = [];
  private readonly usedUsers = new Set<string>();

  constructor(
    private readonly engine: Engine,
    private readonly sender: string | undefined,
  ) {}

  follow(address: string, homeDomain: string): void {
    const { local, domainName } = splitAddress(address, homeDomain);
    const domain = this.engine.domainNamed(domainName);
    if (!domain) {
      this.targets.push({ kind: "remote", address: `${local}@${domainName}` });
      return;
    }
    const key = `${local}@${domain.name}`;
    const bearers = bearersOf(this.engine, domain, local);
    const users = () => bearers.takers.forEach((user) => this.toUser(user));
    const used = this.usedNames.has(key);
    if (this.path.includes(key) && this.endLoop()) return;
    this.usedNames.add(key);
    const rows = used ? [] : bearers.aliases;
    if (rows.length > 0 && (bearers.takers.length === 0 || this.engine.switches.of("alias-or-user") === "alias")) {
      rows.forEach((alias) => this.toAlias(alias, domain, key));
    } else if (bearers.takers.length > 0) users();
    else if (!used && bearers.groups.length > 0) {
      for (const id of bearers.groups.flatMap((group) => group.memberIds)) this.toMember(id);
    } else if (!used && bearers.lists.length > 0) {
      bearers.lists.forEach((list) => this.toList(list, domain, key));
    } else if (bearers.resources.length > 0) this.toResources(bearers.resources, key);
    else if (!used && bearers.catchers.length > 0) {
      bearers.catchers.forEach((alias) => this.toAlias(alias, domain, key));
    } else if (!used && forwards(domain)) this.targets.push({ kind: "remote", address: key });
  }

  /** Whether the last alias before a name that was used has a mailbox of its own, which then takes the mail. */
  private endLoop(): boolean {
    const { local, domainName } = splitAddress(this.path.at(-1) ?? "", "");
    const domain = this.engine.domainNamed(domainName);
    const users = domain ? bearersOf(this.engine, domain, local).takers : [];
    users.forEach((user) => this.toUser(user));
    return users.length > 0;
  }

  private toAlias(alias: Alias, domain: Domain, name: string): void {
    if (alias.type === "TypePublicFolder") {
      const folder = alias.deliverTo.replace(/^#public\//, "");
      this.targets.push({ kind: "public", domain, folder });
      return;
    }
    this.path.push(name);
    this.follow(alias.deliverTo, domain.name);
    this.path.pop();
  }

  private toList(list: MailingList, domain: Domain, address: string): void {
    const { members, refusal } = listReceivers(this.engine, list, this.sender);
    if (refusal !== undefined)
      this.targets.push({ kind: "returned", address, reason: `550 5.7.1 <${address}>: ${refusal}` });
    for (const member of members) {
      if (member.hasId) this.toMember(member.userId);
      else this.follow(member.emailAddress, domain.name);
    }
  }

  private toMember(id: string): void {
    const user = this.engine.user(id);
    if (user) this.toUser(user);
  }

  private toResources(resources: readonly Resource[], address: string): void {
    const isOpen = resources.some(({ isEnabled }) => isEnabled);
    if (isOpen || this.engine.switches.of("disabled-resource") === "accept")
      this.targets.push({ kind: "resource", address });
    else this.refused.push({ address, reason: `550 5.2.1 <${address}>: resource is disabled` });
  }

  private toUser(user: User): void {
    if (this.usedUsers.has(user.id)) return;
    this.usedUsers.add(user.id);
    const whenDisabled = user.isEnabled ? "accept" : this.engine.switches.of("disabled-delivery");
    if (whenDisabled !== "accept") {
      const code = whenDisabled === "defer" ? "450 4.2.1" : "550 5.2.1";
      const address = this.engine.addressOf(user);
      this.refused.push({ address, reason: `${code} <${address}>: account is disabled` });
      return;
    }
    const { mode, emailAddresses } = user.emailForwarding;
    if (user.isEnabled && mode !== "UForwardNone") {
      for (const address of emailAddresses) this.follow(address, this.engine.domain(user.domainId)?.name ?? "");
    }
    if (!user.isEnabled || mode !== "UForwardYes") this.targets.push({ kind: "mailbox", user });
  }
}

function forwards(domain: Domain): boolean {
  const options = domain.settings["forwardingOptions"] as { isEnabled?: boolean; host?: string } | undefined;
  return options?.isEnabled === true && options.host !== "";
}

/** A message on its way: who sent it, the one recipient of this copy, its bytes as received. */
export interface Mail {
  queueId: string;
  sender: string;
  recipient: string;
  bytes: Buffer;
}

/** Whether a refusal is one for now, after which the mail is tried again. */
export function isForNow(refusal: string | undefined): boolean {
  return refusal?.startsWith("4") ?? false;
}

/** Why mail for these ends has to wait, as a refusal for now; undefined where it has not. */
export function deferralOf(engine: Engine, targets: readonly Target[]): string | undefined {
  for (const target of targets) {
    if (target.kind !== "mailbox" || !engine.bindings.isAway(target.user)) continue;
    return `450 4.2.1 <${engine.addressOf(target.user)}>: mailbox unavailable`;
  }
  return undefined;
}

/**
 * Delivers to every end of the recipient's address and writes down what happened. Bounces are written, not sent.
 *
 * @returns for whom the mail has to wait: for the recipient where nothing has been done, or for some of the ends
 */
export function deliver(engine: Engine, mail: Mail): string[] {
  const { targets, refusal, refused } = resolveAddress(engine, mail.recipient, mail.sender);
  if (isForNow(refusal)) return [mail.recipient];
  const note = { queueId: mail.queueId, sender: mail.sender, recipient: mail.recipient };
  const deferral = deferralOf(engine, targets);
  if (deferral !== undefined) {
    engine.truth.write("engine", { event: "delivery deferred", ...note, reason: deferral });
    return [mail.recipient];
  }
  const waiting = refused.filter(({ reason }) => isForNow(reason));
  for (const { reason } of refused.filter((end) => !waiting.includes(end)))
    engine.truth.write("bounces", { ...note, reason });
  if (refusal !== undefined) engine.truth.write("bounces", { ...note, reason: refusal });
  for (const target of targets) {
    const reason = refusalOf(engine, target, mail);
    if (reason !== undefined) engine.truth.write("bounces", { ...note, reason });
    else engine.truth.write("deliveries", { ...note, bytes: mail.bytes.length, ...put(engine, target, mail.bytes) });
  }
  return waiting.map(({ address }) => address);
}

function refusalOf(engine: Engine, target: Target, mail: Mail): string | undefined {
  if (target.kind === "returned") return target.reason;
  if (target.kind !== "mailbox") return undefined;
  const { user } = target;
  const address = engine.addressOf(user);
  const domain = engine.domain(user.domainId);
  if (isRestricted(engine, user) && splitAddress(mail.sender, "").domainName !== domain?.name) {
    return `550 5.7.1 <${address}>: accepts mail of its own domain only`;
  }
  const full = fullness({ engine, user }, mail.bytes.length);
  return full && `552 5.2.2 <${address}>: ${full} is full`;
}

/** Whether an account, by itself or through one of its groups, may write within its domain alone, and gets mail from there alone. */
export function isRestricted({ state }: Engine, user: User): boolean {
  return (
    user.hasDomainRestriction ||
    state.groups.some((group) => group.hasDomainRestriction && group.memberIds.includes(user.id))
  );
}

function put(engine: Engine, target: Target, bytes: Buffer): Record<string, unknown> {
  if (target.kind === "mailbox") {
    const existed = isDirectory(engine.mailboxOf(target.user));
    const directory = engine.openMailbox(target.user);
    const file = storeMessage(join(directory, "INBOX"), bytes, { modes: engine.modes });
    return {
      kind: "mailbox",
      userId: target.user.id,
      mailbox: engine.addressOf(target.user),
      directory,
      file: `INBOX/#msgs/${file}`,
      madeDirectory: !existed,
    };
  }
  if (target.kind === "public") {
    const directory = engine.publicFolder(target.domain, target.folder);
    return { kind: "public", directory, file: `#msgs/${storeMessage(directory, bytes, { modes: engine.modes })}` };
  }
  return { kind: target.kind, address: target.address };
}
