import type { ImapAttribute, ImapCompileNode } from "imapflow/lib/handler/types";
import { Refusal } from "./refusal.js";

/** A word that is written as it is: the name of a data item, a flag. */
export function atom(value: string): ImapCompileNode {
  return { type: "ATOM", value };
}

/** A text, or NIL; what does not fit between quotes is sent with its length in front. */
export function text(value: string | Buffer | undefined): ImapCompileNode {
  if (value === undefined) return null;
  const bytes = typeof value === "string" ? Buffer.from(value, "latin1") : value;
  const quotable = bytes.length <= 1000 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return quotable ? { type: "STRING", value: bytes.toString("latin1") } : literal(bytes);
}

/** Bytes with their length in front. */
export function literal(value: Buffer): ImapCompileNode {
  return { type: "LITERAL", value };
}

/** The text of a client's argument, however it was sent; throws BAD for a list or nothing. */
export function stringOf(attribute: ImapAttribute | undefined): string {
  const value = attribute?.value;
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  throw new Refusal("BAD", "a string is missing");
}

/** The elements of a client's list, or the one argument that came without parentheses. */
export function listOf(attribute: ImapAttribute | undefined): ImapAttribute[] {
  if (attribute === undefined || attribute === null) throw new Refusal("BAD", "an argument is missing");
  return Array.isArray(attribute) ? attribute : [attribute];
}

/** Whether a number is in a set like `1:3,7,9:*`; `highest` is what `*` stands for. Throws BAD for anything else. */
export function numberSet(set: string, highest: number): (number: number) => boolean {
  const ranges = set.split(",").map((range) => {
    if (!/^(\d+|\*)(:(\d+|\*))?$/.test(range)) throw new Refusal("BAD", "not a set of numbers");
    const ends = range.split(":").map((end) => (end === "*" ? highest : Number(end)));
    return [Math.min(...ends), Math.max(...ends)] as const;
  });
  return (number) => ranges.some(([from, to]) => number >= from && number <= to);
}
