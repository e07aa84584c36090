import { changeable, selected, type Call, type Command } from "./command.js";
import { fetched, itemsOf, marksSeen } from "./fetch-items.js";
import { chosen, flagBits, flagNames } from "./folder-view.js";
import { Refusal } from "./refusal.js";
import { searched } from "./search-keys.js";
import { atom, listOf, stringOf } from "./values.js";

/** Commands about the messages of the selected folder. */
export const messageCommands: Record<string, Command> = {
  FETCH: { state: "selected", run: (call) => fetch(call, false) },
  "UID FETCH": { state: "selected", run: (call) => fetch(call, true) },
  SEARCH: { state: "selected", run: (call) => search(call, false) },
  "UID SEARCH": { state: "selected", run: (call) => search(call, true) },
  STORE: { state: "selected", run: (call) => store(call, false) },
  "UID STORE": { state: "selected", run: (call) => store(call, true) },
};

async function fetch(call: Call, byUid: boolean): Promise<void> {
  const folder = selected(call);
  const items = itemsOf(call.attributes[1], byUid);
  for (const message of chosen(folder, stringOf(call.attributes[0]), byUid)) {
    const before = message.flags;
    const data = fetched(folder, message, items);
    if (!data) continue;
    const tellFlags =
      items.some(marksSeen) && message.flags !== before && !items.some(({ value }) => value === "FLAGS");
    const flags = tellFlags ? [atom("FLAGS"), flagNames(message.flags).map(atom)] : [];
    await call.connection.untagged(`${message.sequence}`, [atom("FETCH"), [...data, ...flags]]);
  }
}

async function search(call: Call, byUid: boolean): Promise<void> {
  const found = searched(selected(call), call.attributes);
  await call.connection.line(["* SEARCH", ...found.map(({ uid, sequence }) => (byUid ? uid : sequence))].join(" "));
}

async function store(call: Call, byUid: boolean): Promise<void> {
  const folder = changeable(call);
  const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/.exec(stringOf(call.attributes[1]).toUpperCase()) ?? [];
  if (sign === undefined) throw new Refusal("BAD", "flags are all that can be stored");
  const bits = flagBits(call.attributes.slice(2).flatMap((each) => listOf(each).map(stringOf)));
  for (const message of chosen(folder, stringOf(call.attributes[0]), byUid)) {
    // Bits without a name in IMAP stay, also when all flags are replaced.
    const { flags } = message;
    const others = sign === "" ? flags & ~flagBits(flagNames(flags)) : flags;
    folder.setFlags(message, sign === "-" ? flags & ~bits : others | bits);
    if (silent) continue;
    const uid = byUid ? [atom("UID"), message.uid] : [];
    const data = [...uid, atom("FLAGS"), flagNames(message.flags).map(atom)];
    await call.connection.untagged(`${message.sequence}`, [atom("FETCH"), data]);
  }
}
