import { fullness } from "../fullness.js";
import { storeMessage } from "../mailbox.js";
import {
  changeable,
  existingFolder,
  expunge,
  folderName,
  mailboxOf,
  selected,
  type Call,
  type Command,
} from "./command.js";
import { chosen, flagBits, FolderView, type ListedMessage } from "./folder-view.js";
import { Refusal } from "./refusal.js";
import { stringOf } from "./values.js";

/** Commands that bring messages into folders, and take them away. */
export const writingCommands: Record<string, Command> = {
  APPEND: { state: "authenticated", run: append },
  COPY: { state: "selected", run: (call) => copy(call, false) },
  "UID COPY": { state: "selected", run: (call) => copy(call, true) },
  MOVE: { state: "selected", run: (call) => move(call, false) },
  "UID MOVE": { state: "selected", run: (call) => move(call, true) },
  EXPUNGE: { state: "selected", run: (call) => expunge(call, selected(call).messages) },
  "UID EXPUNGE": {
    state: "selected",
    run: (call) => expunge(call, chosen(selected(call), stringOf(call.attributes[0]), true)),
  },
};

function append(call: Call): string {
  const [asked, ...rest] = call.attributes;
  const message = rest.pop();
  const bytes = Buffer.isBuffer(message?.value) ? message.value : Buffer.from(stringOf(message), "latin1");
  const target = targetOf(call, stringOf(asked));
  const flags = flagBits(rest.filter(Array.isArray).flatMap((each) => each.map(stringOf)));
  const date = rest.find((each) => !Array.isArray(each));
  const at = date
    ? Date.parse(
        stringOf(date)
          .trim()
          .replaceAll("-", " ")
          .replace(/ (\d{4})$/, " -$1"),
      )
    : Date.now();
  if (Number.isNaN(at)) throw new Refusal("BAD", "not a date");
  mustFit(call, [bytes.length]);
  const { modes } = call.connection.engine;
  return `[APPENDUID ${target.uidValidity} ${uidOf(storeMessage(target.path, bytes, { flags, at, modes }))}] done`;
}

function copy(call: Call, byUid: boolean): string {
  const { code } = copied(call, chosen(selected(call), stringOf(call.attributes[0]), byUid));
  return `${code && `[${code}] `}${call.name} completed`;
}

async function move(call: Call, byUid: boolean): Promise<void> {
  const folder = changeable(call);
  const { code, done } = copied(call, chosen(folder, stringOf(call.attributes[0]), byUid));
  if (code) await call.connection.line(`* OK [${code}] moved`);
  folder.delete(done);
}

/** Copies what is still there; gives it, and the code that says which UIDs the copies have. */
function copied(call: Call, messages: readonly ListedMessage[]): { code: string; done: ListedMessage[] } {
  const folder = selected(call);
  const target = targetOf(call, stringOf(call.attributes[1]));
  const contents = messages.flatMap((message) => {
    const bytes = folder.read(message);
    return bytes ? [{ message, bytes }] : [];
  });
  mustFit(
    call,
    contents.map(({ bytes }) => bytes.length),
  );
  const { modes } = call.connection.engine;
  const uids = contents.map(({ message: { flags, receivedAt }, bytes }) =>
    uidOf(storeMessage(target.path, bytes, { flags, at: receivedAt * 1000, modes })),
  );
  const done = contents.map(({ message }) => message);
  const code = `COPYUID ${target.uidValidity} ${done.map(({ uid }) => uid).join(",")} ${uids.join(",")}`;
  return { code: done.length > 0 ? code : "", done };
}

function targetOf(call: Call, asked: string): FolderView {
  const name = folderName(asked);
  return new FolderView(name, existingFolder(mailboxOf(call), name, "TRYCREATE"), true);
}

/** Refuses what a mailbox has no room for; as many items as there are lengths come. */
function mustFit({ connection }: Call, lengths: readonly number[]): void {
  const user = connection.user();
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const full =
    user && lengths.length > 0 ? fullness({ engine: connection.engine, user }, total, lengths.length) : undefined;
  if (full) throw new Refusal("NO", `[OVERQUOTA] the ${full} is full`);
}

function uidOf(file: string): number {
  return Number.parseInt(file, 16);
}
