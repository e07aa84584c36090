import type { ImapCompileNode } from "imapflow/lib/handler/types";
import { indexFlags } from "../index-file.js";
import { checkFolder, visibleFolders } from "../mailbox.js";
import { existingFolder, expunge, folderName, mailboxOf, selected, type Call, type Command } from "./command.js";
import { folderPattern } from "./folder-pattern.js";
import { flagNames, FolderView } from "./folder-view.js";
import { Refusal } from "./refusal.js";
import { atom, listOf, stringOf, text } from "./values.js";

const every = Object.values(indexFlags).reduce((bits, bit) => bits | bit, 0);

/** Commands about the folders of a mailbox, which are called on the wire what they are called on disk. */
export const folderCommands: Record<string, Command> = {
  LIST: { state: "authenticated", run: list },
  LSUB: { state: "authenticated", run: list },
  STATUS: { state: "authenticated", run: status },
  SELECT: { state: "authenticated", run: (call) => select(call, false) },
  EXAMINE: { state: "authenticated", run: (call) => select(call, true) },
  CLOSE: { state: "selected", run: close },
  UNSELECT: { state: "selected", run: leave },
  NAMESPACE: {
    state: "authenticated",
    run: ({ connection }) => connection.line('* NAMESPACE (("" "/")) NIL NIL'),
  },
};

// Every folder counts as subscribed: how `sub.fld` holds subscriptions is not known.
async function list(call: Call): Promise<void> {
  const [reference, pattern] = [stringOf(call.attributes[0]), stringOf(call.attributes[1])];
  const send = (flags: string[], name: string) =>
    call.connection.untagged(call.name, [flags.map(atom), text("/"), text(name)]);
  if (pattern === "" && call.name === "LIST") return send(["\\Noselect"], "");
  const folders = visibleFolders(mailboxOf(call));
  const wanted = folderPattern(reference + pattern);
  for (const folder of folders.filter(wanted)) {
    const hasChildren = folders.some((name) => name.startsWith(`${folder}/`));
    await send(call.name === "LIST" ? [hasChildren ? "\\HasChildren" : "\\HasNoChildren"] : [], folder);
  }
}

function status(call: Call): Promise<void> {
  const name = folderName(stringOf(call.attributes[0]));
  const folder = new FolderView(name, existingFolder(mailboxOf(call), name), true);
  const numbers: Record<string, number> = {
    MESSAGES: folder.messages.length,
    RECENT: 0,
    UIDNEXT: folder.uidNext,
    UIDVALIDITY: folder.uidValidity,
    UNSEEN: folder.unseen,
  };
  const answer = listOf(call.attributes[1]).flatMap((each): ImapCompileNode[] => {
    const name = stringOf(each).toUpperCase();
    const number = numbers[name];
    if (number === undefined) throw new Refusal("BAD", `there is no ${name} of a folder`);
    return [atom(name), number];
  });
  return call.connection.untagged("STATUS", [text(folder.name), answer]);
}

async function select(call: Call, readOnly: boolean): Promise<string> {
  const { connection } = call;
  connection.folder = undefined;
  const name = folderName(stringOf(call.attributes[0]));
  const path = existingFolder(mailboxOf(call), name);
  checkFolder(path);
  const folder = new FolderView(name, path, readOnly);
  const flags = flagNames(every).join(" ");
  await connection.line(`* FLAGS (${flags})`);
  await connection.line(`* ${folder.messages.length} EXISTS`);
  await connection.line("* 0 RECENT");
  const firstUnseen = folder.messages.find((message) => !flagNames(message.flags).includes("\\Seen"));
  if (firstUnseen) await connection.line(`* OK [UNSEEN ${firstUnseen.sequence}] first unseen`);
  await connection.line(`* OK [PERMANENTFLAGS (${readOnly ? "" : flags})] flags that stay`);
  await connection.line(`* OK [UIDVALIDITY ${folder.uidValidity}] UIDs are valid`);
  await connection.line(`* OK [UIDNEXT ${folder.uidNext}] next UID`);
  connection.folder = folder;
  return `[${readOnly ? "READ-ONLY" : "READ-WRITE"}] ${call.name} completed`;
}

function close(call: Call): void {
  const folder = selected(call);
  if (!folder.readOnly) expunge(call, folder.messages);
  leave(call);
}

function leave({ connection }: Call): void {
  connection.folder = undefined;
}
