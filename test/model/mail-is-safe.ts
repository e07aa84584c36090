import { join } from "node:path";
import type { StoredMessage } from "../simulator/host/control-types";
import { same } from "./applied";
import { bearersOf, type Owners } from "./owners";
import { allMessageFiles, type Sight } from "./sight";
import { isTransient, unsettledTogether } from "./unsettle";
import { personOf, type Person, type World } from "./world";

/** Every message byte for byte and exactly once in the mailbox of each whose it is, and nobody else's anywhere. */
export function mailIsSafe(world: World, sight: Sight, owners: Owners, store: string): string[] {
  const problems: string[] = [];
  const seen = new Map<string, string[]>();
  const take = (place: string, candidates: Person[], inode: number | undefined, messages: StoredMessage[]) => {
    const owner = ownerAmong(world, candidates, owners.get(inode ?? 0), messages);
    if (!owner) return problems.push(`the directory ${place} belongs to nobody (${messages.length} messages)`);
    for (const message of messages) problems.push(...isRight(world, seen, owner, place, message));
  };
  const exchangers = unsettledTogether(world)
    .filter(({ keys }) => keys.length > 1)
    .flatMap(({ keys }) => keys.map((key) => personOf(world, key)));
  for (const [name, messages] of sight.mailboxes) {
    const candidates = isTransient(name) ? exchangers : bearersOf(world, name);
    take(name, candidates, sight.inodes.get(name), messages);
  }
  for (const [inode, messages] of sight.parked) take(`parked ${inode}`, exchangers, inode, messages);
  for (const [subject, wanted] of world.messages) {
    const found = seen.get(subject) ?? [];
    if (same(wanted.owners, found)) continue;
    const listed = [...sight.mailboxes].map(([name, all]) => `${name}: ${all.map((one) => one.subject).join(" ")}`);
    problems.push(
      `message ${subject} is to be with ${wanted.owners.join(", ")} and is with ${found.join(", ") || "nobody"} ` +
        `(${allMessageFiles(store).length} message files in ${join(store, "mail")}; ${listed.join("; ")})`,
    );
  }
  return problems;
}

/** By the inode; a directory that is new since everybody was at rest is theirs whose mail is in it. */
function ownerAmong(
  world: World,
  candidates: Person[],
  known: string | undefined,
  messages: StoredMessage[],
): Person | undefined {
  const isTheirs = ({ key }: Person) =>
    messages.every(({ subject }) => world.messages.get(subject)?.owners.includes(key));
  return candidates.find(({ key }) => key === known) ?? candidates.find(isTheirs) ?? candidates[0];
}

function isRight(
  world: World,
  seen: Map<string, string[]>,
  owner: Person,
  place: string,
  { subject, sha256, folder }: StoredMessage,
): string[] {
  const known = world.messages.get(subject);
  if (!known) return [`a message ${subject} that nobody has sent lies in ${place}/${folder}`];
  seen.set(subject, [...(seen.get(subject) ?? []), owner.key]);
  known.sha256 ??= sha256;
  return known.sha256 === sha256 ? [] : [`message ${subject} in ${place} has other bytes than before`];
}
