import type { ImapAttribute, ImapAttributeNode, ImapCompileNode } from "imapflow/lib/handler/types";
import { indexFlags } from "../index-file.js";
import { bodystructure } from "./bodystructure.js";
import { envelope } from "./envelope.js";
import { flagNames, type FolderView, type ListedMessage } from "./folder-view.js";
import { fieldsOf, parsePart, partAt, type MimePart } from "./mime-part.js";
import { Refusal } from "./refusal.js";
import { atom, listOf, literal, stringOf } from "./values.js";

const macros: Record<string, string[]> = {
  FAST: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
  ALL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
  FULL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
};

/** A name of a section that is longer leads to no part that is looked into. */
const longestSection = 200;

/** What a FETCH asks for, with the macros written out. */
export function itemsOf(attribute: ImapAttribute | undefined, withUid: boolean): ImapAttributeNode[] {
  const items = listOf(attribute).flatMap((each): ImapAttributeNode[] => {
    if (each === null || Array.isArray(each)) throw new Refusal("BAD", "not a data item");
    const name = stringOf(each).toUpperCase();
    const known = macros[name]?.map((value) => ({ type: "ATOM", value }));
    return known ?? [{ ...each, value: name }];
  });
  const asked = items.some((item) => item.value === "UID");
  return withUid && !asked ? [{ type: "ATOM", value: "UID" }, ...items] : items;
}

/** Whether fetching this makes a message seen. */
export function marksSeen({ value, section }: ImapAttributeNode): boolean {
  return value === "RFC822" || value === "RFC822.TEXT" || (value === "BODY" && section !== undefined);
}

/** The data of one message, name and value by turns; undefined when the message is gone. */
export function fetched(
  folder: FolderView,
  message: ListedMessage,
  items: readonly ImapAttributeNode[],
): ImapCompileNode[] | undefined {
  const needsBytes = items.some(({ value }) => /^(ENVELOPE|BODY|RFC822(\.HEADER|\.TEXT)?$)/.test(String(value)));
  const bytes = needsBytes ? folder.read(message) : Buffer.alloc(0);
  if (bytes === undefined) return undefined;
  if (items.some(marksSeen) && !folder.readOnly && (message.flags & indexFlags["\\Seen"]) === 0) {
    folder.setFlags(message, message.flags | indexFlags["\\Seen"]);
  }
  let parsed: MimePart | undefined;
  const part = () => (parsed ??= parsePart(bytes));
  return items.flatMap((item): ImapCompileNode[] => {
    switch (item.value) {
      case "UID":
        return [atom("UID"), message.uid];
      case "FLAGS":
        return [atom("FLAGS"), flagNames(message.flags).map(atom)];
      case "INTERNALDATE":
        return [atom("INTERNALDATE"), internalDate(message.receivedAt)];
      case "RFC822.SIZE":
        return [atom("RFC822.SIZE"), folder.sizeOf(message)];
      case "ENVELOPE":
        return [atom("ENVELOPE"), envelope(part().head)];
      case "BODYSTRUCTURE":
        return [atom("BODYSTRUCTURE"), bodystructure(part(), true)];
      case "RFC822":
        return [atom("RFC822"), literal(bytes)];
      case "RFC822.HEADER":
        return [atom("RFC822.HEADER"), literal(part().head)];
      case "RFC822.TEXT":
        return [atom("RFC822.TEXT"), literal(part().body)];
      case "BODY":
      case "BODY.PEEK":
        return item.section ? section(item, bytes, part) : [atom("BODY"), bodystructure(part(), false)];
      default:
        throw new Refusal("BAD", `${String(item.value)} is not a data item`);
    }
  });
}

function section(item: ImapAttributeNode, bytes: Buffer, part: () => MimePart): ImapCompileNode[] {
  const wanted = item.section?.length ? sectionOf(item, part()) : bytes;
  const [from, length] = item.partial ?? [0, wanted?.length ?? 0];
  const name = { ...item, value: "BODY", partial: item.partial?.slice(0, 1) } as ImapCompileNode;
  return [name, wanted ? literal(wanted.subarray(from, (from ?? 0) + (length ?? 0))) : null];
}

function sectionOf(item: ImapAttributeNode, message: MimePart): Buffer | undefined {
  const asked = stringOf(item.section?.[0]).toUpperCase();
  if (asked.length > longestSection) throw new Refusal("BAD", "there is no such section");
  const [path = "", word = ""] = /^([\d.]*?)\.?([A-Z.]*)$/.exec(asked)?.slice(1) ?? [];
  const part = partAt(message, path === "" ? [] : path.split(".").map(Number));
  // HEADER and TEXT of a part mean the message in it.
  const inner = path === "" ? part : part?.message;
  const names = () => listOf(item.section?.[1]).map((each) => stringOf(each).toLowerCase());
  switch (word) {
    case "":
      return part?.body;
    case "MIME":
      return part?.head;
    case "HEADER":
      return inner?.head;
    case "TEXT":
      return inner?.body;
    case "HEADER.FIELDS":
      return inner && someFields(inner.head, names(), true);
    case "HEADER.FIELDS.NOT":
      return inner && someFields(inner.head, names(), false);
    default:
      throw new Refusal("BAD", `there is no section ${word}`);
  }
}

function someFields(head: Buffer, names: readonly string[], wanted: boolean): Buffer {
  const kept = fieldsOf(head).filter(({ name }) => names.includes(name.toLowerCase()) === wanted);
  return Buffer.from(`${kept.map(({ raw }) => raw).join("")}\r\n`, "latin1");
}

function internalDate(seconds: number): string {
  const [, day, month, year, time] = new Date(seconds * 1000).toUTCString().split(" ");
  return `${day}-${month}-${year} ${time} +0000`;
}
