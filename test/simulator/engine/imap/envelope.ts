import addressparser, { type Address, type AddressOrGroup } from "nodemailer/lib/addressparser";
import type { ImapCompileNode } from "imapflow/lib/handler/types";
import { field } from "./mime-part.js";
import { text } from "./values.js";

/** The ENVELOPE of a message: what its header says, encoded words as they are. */
export function envelope(head: Buffer): ImapCompileNode {
  const from = addresses(field(head, "from"));
  const addressed = (name: string) => addresses(field(head, name));
  return [
    text(field(head, "date")),
    text(field(head, "subject")),
    from,
    addressed("sender") ?? from,
    addressed("reply-to") ?? from,
    addressed("to"),
    addressed("cc"),
    addressed("bcc"),
    text(field(head, "in-reply-to")),
    text(field(head, "message-id")),
  ];
}

function addresses(value: string | undefined): ImapCompileNode {
  const rows = addressparser(value ?? "").flatMap(rowsOf);
  return rows.length > 0 ? rows : null;
}

function rowsOf(entry: AddressOrGroup): ImapCompileNode[] {
  if (!("group" in entry)) return [row(entry)];
  return [[null, null, text(entry.name), null], ...entry.group.map(row), [null, null, null, null]];
}

function row({ name, address }: Address): ImapCompileNode {
  const at = address.lastIndexOf("@");
  const [local, host] = at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at + 1)];
  return [text(name || undefined), null, text(local), text(host)];
}
