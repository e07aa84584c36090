import libmime from "libmime";

/** One part of a message, or the message itself. Its bytes are those of the file, unchanged. */
export interface MimePart {
  /** The header fields with the empty line behind them. */
  head: Buffer;
  body: Buffer;
  /** In lower case: `text/plain` where nothing else is said. */
  type: string;
  params: Record<string, string>;
  /** The parts of a multipart; empty for all others. */
  children: MimePart[];
  /** The message inside a message/rfc822. */
  message: MimePart | undefined;
}

/** Parts inside parts beyond this depth are not looked into. */
const deepest = 20;

/** Takes a message or a part of one to pieces. */
export function parsePart(bytes: Buffer, fallbackType = "text/plain", depth = 0): MimePart {
  const end = headEnd(bytes);
  const head = bytes.subarray(0, end);
  const body = bytes.subarray(end);
  const { value, params } = libmime.parseHeaderValue(field(head, "content-type") ?? fallbackType);
  const named = value.toLowerCase();
  const type = /^[^/\s]+\/[^/\s]+$/.test(named) ? named : fallbackType;
  const { boundary } = params;
  const parts = type.startsWith("multipart/") && boundary && depth < deepest ? split(body, boundary) : [];
  const inner = type === "multipart/digest" ? "message/rfc822" : "text/plain";
  const children = parts.map((part) => parsePart(part, inner, depth + 1));
  const message = type === "message/rfc822" && depth < deepest ? parsePart(body, "text/plain", depth + 1) : undefined;
  return { head, body, type, params, children, message };
}

/** The header fields in their order; names as written, values unfolded, bytes as latin1 characters. */
export function fieldsOf(head: Buffer): { name: string; value: string; raw: string }[] {
  return head
    .toString("latin1")
    .split(/(?<=\n)(?![ \t])/)
    .map((raw) => ({ raw, match: /^([^\s:]+)[ \t]*:([^]*)$/.exec(raw) }))
    .flatMap(({ raw, match }) =>
      match ? [{ name: match[1] ?? "", value: (match[2] ?? "").replace(/\r?\n/g, "").trim(), raw }] : [],
    );
}

/** The value of the first field of this name (lower case). */
export function field(head: Buffer, name: string): string | undefined {
  return fieldsOf(head).find((each) => each.name.toLowerCase() === name)?.value;
}

/** The part that `path` leads to: `[2, 1]` is the first inside the second. A message without parts is its own first. */
export function partAt(message: MimePart, path: readonly number[]): MimePart | undefined {
  const [number, ...rest] = path;
  if (number === undefined) return message;
  const part = message.children.length > 0 ? message.children[number - 1] : number === 1 ? message : undefined;
  return part && rest.length > 0 ? partAt(part.message ?? part, rest) : part;
}

function headEnd(bytes: Buffer): number {
  if (bytes[0] === 0x0a) return 1;
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return 2;
  const [unix, internet] = [bytes.indexOf("\n\n"), bytes.indexOf("\r\n\r\n")];
  if (unix < 0 && internet < 0) return bytes.length;
  return internet >= 0 && (unix < 0 || internet < unix) ? internet + 4 : unix + 2;
}

/** The pieces between the lines of the boundary; the line's end before a boundary belongs to it. */
function split(body: Buffer, boundary: string): Buffer[] {
  const text = body.toString("latin1");
  const escaped = boundary.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const lines = [...text.matchAll(new RegExp(`(?:^|\\r?\\n)--${escaped}(--)?[ \\t]*(?=\\r?\\n|$)`, "g"))];
  return lines.flatMap((line, at) => {
    if (line[1] !== undefined) return [];
    const start = line.index + line[0].length;
    const begin = start + (/^\r?\n/.exec(text.slice(start, start + 2))?.[0].length ?? 0);
    return [body.subarray(begin, Math.max(begin, lines[at + 1]?.index ?? body.length))];
  });
}
