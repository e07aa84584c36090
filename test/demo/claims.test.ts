import { expect, test } from "vitest";
import type { StoredMessage, TrueAccount, Truth } from "../simulator/host/control-types";
import { removalClaims, renameClaims } from "./claims";
import type { World } from "./world";

const mail: StoredMessage[] = [{ folder: "INBOX", file: "00000001.eml", sha256: "aa", subject: "Welcome" }];
const renamed = { domain: "example.com", from: "jdoe", to: "jsmith" };

function accountOf(name: string, id: string): TrueAccount {
  const account = { id, name, domain: "example.com", enabled: true, description: "" };
  return {
    ...account,
    address: `${name}@example.com`,
    directory: `/store/mail/example.com/${name}`,
    groups: ["sales"],
  };
}

/** A server with one user, who is a member of a group and has a mailbox. */
function worldOf(name: string, id: string): World {
  const truth: Truth = {
    settings: {},
    domains: [],
    queued: 0,
    accounts: [accountOf(name, id)],
    aliases: [],
    groups: [{ id: "g1", name: "sales", memberIds: [id] }],
    mailingLists: [{ id: "l1", name: "news", members: [{ hasId: true, userId: id, emailAddress: "" }] }],
    resources: [],
    services: [{ id: "s1", isRunning: true }],
    engine: { running: true, pid: 1, startedAt: null },
  };
  const directories = [{ name, inode: 7, messages: 1 }];
  return { truth, directories, messages: { [name]: mail }, downtimes: [], deliveries: [], bounces: [] };
}

function afterRename(): World {
  const world = worldOf("jsmith", "u2");
  world.truth.aliases = [{ id: "a1", name: "jdoe", deliverTo: "jsmith@example.com" }];
  world.downtimes = [{ from: "", to: "", seconds: 2, orderly: true }];
  return world;
}

/** The texts of the claims that do not hold after a rename that went wrong in one way. */
function broken(spoil: (world: World) => void): string[] {
  const after = afterRename();
  spoil(after);
  const claims = renameClaims(worldOf("jdoe", "u1"), after, renamed);
  return claims.filter(({ holds }) => !holds).map(({ text }) => text);
}

test("every claim holds after a rename that went well", () => {
  expect(broken(() => undefined)).toEqual([]);
});

test.each<[string, (world: World) => void, RegExp]>([
  ["another directory", (world) => void (world.directories = [{ name: "jsmith", inode: 8, messages: 1 }]), /inode 7/],
  [
    "a changed message",
    (world) => void (world.messages = { jsmith: [{ ...mail[0]!, sha256: "bb" }] }),
    /byte for byte/,
  ],
  [
    "a stray directory",
    (world) => void world.directories.push({ name: "jdoe", inode: 9, messages: 0 }),
    /no directory/,
  ],
  [
    "the old account still there",
    (world) => void world.truth.accounts.push(...worldOf("jdoe", "u1").truth.accounts),
    /one account/,
  ],
  ["no alias", (world) => void (world.truth.aliases = []), /one alias/],
  ["two aliases", (world) => void world.truth.aliases.push(...world.truth.aliases), /one alias/],
  ["a service held", (world) => void (world.truth.services = [{ id: "s1", isRunning: false }]), /services/],
  [
    "a group forgotten",
    (world) => void (world.truth.groups = [{ id: "g1", name: "sales", memberIds: [] }]),
    /memberships/,
  ],
  [
    "a dangling member",
    (world) => void (world.truth.groups = [{ id: "g1", name: "sales", memberIds: ["u1"] }]),
    /memberships/,
  ],
  ["two stops", (world) => void world.downtimes.push(...world.downtimes), /stopped once/],
  [
    "a killed service",
    (world) => void (world.downtimes = [{ from: "", to: "", seconds: 2, orderly: false }]),
    /stopped once/,
  ],
])("%s makes one claim false", (_name, spoil, claim) => {
  expect(broken(spoil)).toEqual([expect.stringMatching(claim)]);
});

/** The texts of the claims that do not hold after a stack with jdoe was removed in some way. */
function brokenByRemoval(spoil: (world: World) => void): string[] {
  const [begin, after] = [worldOf("admin", "u0"), worldOf("admin", "u0")];
  const before = worldOf("jdoe", "u1");
  before.truth.accounts.push(...begin.truth.accounts);
  before.truth.aliases = [{ id: "a1", name: "info", deliverTo: "jdoe@example.com" }];
  Object.assign(after, { directories: before.directories, messages: before.messages });
  spoil(after);
  const claims = removalClaims(begin, before, after);
  return claims.filter(({ holds }) => !holds).map(({ text }) => text);
}

test.each<[string, (world: World) => void, RegExp | undefined]>([
  ["a removal that keeps the mail", () => undefined, undefined],
  ["an account left", (world) => void world.truth.accounts.push(accountOf("jdoe", "u1")), /accounts .*\(jdoe\)/],
  ["another's account gone", (world) => void world.truth.accounts.pop(), /accounts/],
  ["an alias left", (world) => void world.truth.aliases.push({ id: "a1", name: "info" }), /aliases .*\(info\)/],
  ["a directory gone", (world) => void (world.directories = []), /all 1 message /],
  ["a changed message", (world) => void (world.messages = { jdoe: [{ ...mail[0]!, sha256: "bb" }] }), /all 1 message /],
])("%s makes the claims of a removed stack true or one false", (_name, spoil, claim) => {
  expect(brokenByRemoval(spoil)).toEqual(claim === undefined ? [] : [expect.stringMatching(claim)]);
});
