import libmime from "libmime";
import type { ImapCompileNode } from "imapflow/lib/handler/types";
import { envelope } from "./envelope.js";
import { field, type MimePart } from "./mime-part.js";
import { text } from "./values.js";

/** The structure of a message: BODYSTRUCTURE with its extension data, BODY without. */
export function bodystructure(part: MimePart, extended: boolean): ImapCompileNode {
  const [type = "", subtype = ""] = part.type.split("/");
  const tail = extended ? [disposition(part), text(field(part.head, "content-language")), null] : [];
  if (part.children.length > 0) {
    const children = part.children.map((child) => bodystructure(child, extended));
    return [...children, text(subtype), ...(extended ? [pairs(part.params), ...tail] : [])];
  }
  const encoding = field(part.head, "content-transfer-encoding") ?? "7BIT";
  const lines = part.body.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  const particular = part.message
    ? [envelope(part.message.head), bodystructure(part.message, extended), lines]
    : type === "text"
      ? [lines]
      : [];
  return [
    text(type),
    text(subtype),
    pairs(part.params),
    text(field(part.head, "content-id")),
    text(field(part.head, "content-description")),
    text(encoding),
    part.body.length,
    ...particular,
    ...(extended ? [text(field(part.head, "content-md5")), ...tail] : []),
  ];
}

function disposition({ head }: MimePart): ImapCompileNode {
  const given = field(head, "content-disposition");
  if (given === undefined) return null;
  const { value, params } = libmime.parseHeaderValue(given);
  return [text(value), pairs(params)];
}

function pairs(params: Record<string, string>): ImapCompileNode {
  const flat = Object.entries(params).flatMap(([name, value]) => [text(name), text(Buffer.from(value))]);
  return flat.length > 0 ? flat : null;
}
