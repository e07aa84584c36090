import { memberships, type World } from "./world";
import { plural } from "./output";

/** One thing the demo says about the server, and whether it is true there. */
export interface Claim {
  text: string;
  holds: boolean;
  /** What was found instead; for a claim that does not hold. */
  found: string;
}

/** Whose mailbox was renamed. */
export interface Renamed {
  domain: string;
  from: string;
  to: string;
}

/** What must be true of a rename, judged by the server's truth before and after it. */
export function renameClaims(before: World, after: World, { domain, from, to }: Renamed): Claim[] {
  const inode = before.directories.find(({ name }) => name === from)?.inode;
  const inodeNow = after.directories.find(({ name }) => name === to)?.inode;
  const mail = before.messages[from] ?? [];
  const names = after.truth.accounts.map(({ name }) => name).sort();
  const expectedNames = before.truth.accounts.map(({ name }) => (name === from ? to : name)).sort();
  const aliases = after.truth.aliases.filter(({ name }) => name === from).map((alias) => String(alias["deliverTo"]));
  const running = (world: World) =>
    world.truth.services.filter((each) => each["isRunning"] === true).map(({ id }) => id);
  const members = (world: World, rename: boolean) =>
    memberships(world.truth).map((each) => renamedLine(each, rename ? [from, to] : [to, to]));
  const stops = after.downtimes.slice(before.downtimes.length);
  const address = `${to}@${domain}`;
  return [
    same(`the mailbox directory ${to} is the one that was ${from} (inode ${inode})`, inodeNow, inode),
    same(`all ${plural(mail.length, "message")} in it are there, byte for byte`, after.messages[to], mail),
    same(
      `there is no directory ${from} in the store`,
      after.directories.filter(({ name }) => name === from),
      [],
    ),
    same(`one account: ${to} is there, ${from} is not, nobody else came or went`, names, expectedNames),
    same(`the account ${to} is enabled`, after.truth.accounts.find(({ name }) => name === to)?.enabled, true),
    same(`one alias: ${from} delivers to ${to}`, aliases.map(withDomain(domain)), [address]),
    same(`all ${running(before).length} services that ran before are running`, running(after), running(before)),
    same("all memberships are as before", members(after, false), members(before, true)),
    same(
      `the service was stopped once, in an orderly way`,
      stops.map(({ orderly }) => orderly),
      [true],
    ),
  ];
}

/** What must be true once the stack is gone: the accounts and aliases are those of the beginning, and the mail stays. */
export function removalClaims(begin: World, before: World, after: World): Claim[] {
  const accounts = ({ truth }: World) => truth.accounts.map(({ name }) => name).sort();
  const aliases = ({ truth }: World) => truth.aliases.map(({ name }) => String(name)).sort();
  const gone = (names: (world: World) => string[]) =>
    names(before)
      .filter((name) => !names(begin).includes(name))
      .join(", ");
  const mail = ({ directories, messages }: World) => [directories.map(({ name, inode }) => [name, inode]), messages];
  const kept = plural(Object.values(before.messages).flat().length, "message");
  return [
    same(
      `the accounts of the program are gone (${gone(accounts)}), all others are there`,
      accounts(after),
      accounts(begin),
    ),
    same(`its aliases are gone (${gone(aliases)}), all others are there`, aliases(after), aliases(begin)),
    same(`the mail is kept: all ${kept} in the same directories as before, byte for byte`, mail(after), mail(before)),
  ];
}

/** A claim that holds when two plain values are the same. */
export function same(text: string, found: unknown, expected: unknown): Claim {
  const holds = found !== undefined && JSON.stringify(found) === JSON.stringify(expected);
  return { text, holds, found: `found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}` };
}

function renamedLine(text: string, [from, to]: [string, string]): string {
  const [what = "", members = ""] = text.split(": ");
  return `${what}: ${members
    .split(", ")
    .map((name) => (name === from ? to : name))
    .sort()
    .join(", ")}`;
}

function withDomain(domain: string): (target: string) => string {
  return (target) => (target.includes("@") ? target : `${target}@${domain}`);
}
