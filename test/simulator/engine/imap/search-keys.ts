import libmime from "libmime";
import type { ImapAttribute } from "imapflow/lib/handler/types";
import { flagBits, type FolderView, type ListedMessage } from "./folder-view.js";
import { field, parsePart } from "./mime-part.js";
import { Refusal } from "./refusal.js";
import { numberSet, stringOf } from "./values.js";

type Test = (message: ListedMessage) => boolean;

/** The messages that fit all keys of a SEARCH. Texts are found in any case, encoded words by what they mean. */
export function searched(folder: FolderView, keys: readonly ImapAttribute[]): ListedMessage[] {
  const test = new Keys(folder, keys).all();
  return folder.messages.filter(test);
}

class Keys {
  private at = 0;

  constructor(
    private readonly folder: FolderView,
    private readonly keys: readonly ImapAttribute[],
  ) {}

  all(): Test {
    const tests: Test[] = [];
    while (this.at < this.keys.length) tests.push(this.next());
    if (tests.length === 0) throw new Refusal("BAD", "there is nothing to search for");
    return (message) => tests.every((test) => test(message));
  }

  private next(): Test {
    const { folder } = this;
    const key = this.keys[this.at++];
    if (Array.isArray(key)) return this.nested(key);
    const name = stringOf(key).toUpperCase();
    if (/^[\d*]/.test(name)) {
      const chosen = numberSet(name, folder.messages.length);
      return ({ sequence }) => chosen(sequence);
    }
    const flagged = /^(UN)?(SEEN|ANSWERED|FLAGGED|DELETED|DRAFT)$/.exec(name);
    if (flagged) {
      const bit = flagBits([`\\${flagged[2]}`]);
      return ({ flags }) => ((flags & bit) !== 0) === (flagged[1] === undefined);
    }
    switch (name) {
      // No message is ever known to be recent.
      case "ALL":
      case "OLD":
        return () => true;
      case "NEW":
      case "RECENT":
        return () => false;
      case "KEYWORD":
      case "UNKEYWORD":
        return (this.text(), () => name === "UNKEYWORD");
      case "CHARSET":
        return (this.text(), () => true);
      case "UID": {
        const chosen = numberSet(this.text(), folder.messages.at(-1)?.uid ?? 0);
        return ({ uid }) => chosen(uid);
      }
      case "NOT": {
        const test = this.next();
        return (message) => !test(message);
      }
      case "OR": {
        const [one, other] = [this.next(), this.next()];
        return (message) => one(message) || other(message);
      }
      case "LARGER":
      case "SMALLER": {
        const size = Number(this.text());
        return (message) => (name === "LARGER" ? folder.sizeOf(message) > size : folder.sizeOf(message) < size);
      }
      case "BEFORE":
      case "ON":
      case "SINCE":
        return this.day(name, ({ receivedAt }) => receivedAt * 1000);
      case "SENTBEFORE":
      case "SENTON":
      case "SENTSINCE":
        return this.day(name.slice(4), (message) => Date.parse(this.header(message, "date")));
      case "FROM":
      case "TO":
      case "CC":
      case "BCC":
      case "SUBJECT":
        return this.inHeader(name, this.text());
      case "HEADER":
        return this.inHeader(this.text(), this.text());
      case "BODY":
      case "TEXT": {
        const text = this.text().toLowerCase();
        return (message) => {
          const { head, body } = parsePart(folder.read(message) ?? Buffer.alloc(0));
          const where = name === "BODY" ? body.toString() : head.toString() + body.toString();
          return where.toLowerCase().includes(text);
        };
      }
      default:
        throw new Refusal("BAD", `${name} is not a search key`);
    }
  }

  private nested(keys: readonly ImapAttribute[]): Test {
    return new Keys(this.folder, keys).all();
  }

  private text(): string {
    return stringOf(this.keys[this.at++]);
  }

  private inHeader(name: string, text: string): Test {
    return (message) => {
      const head = parsePart(this.folder.read(message) ?? Buffer.alloc(0)).head;
      const value = field(head, name.toLowerCase());
      return value !== undefined && decoded(value).toLowerCase().includes(text.toLowerCase());
    };
  }

  private header(message: ListedMessage, name: string): string {
    return field(parsePart(this.folder.read(message) ?? Buffer.alloc(0)).head, name) ?? "";
  }

  private day(relation: string, timeOf: (message: ListedMessage) => number): Test {
    const start = Date.parse(`${this.text().replaceAll("-", " ")} UTC`);
    if (Number.isNaN(start)) throw new Refusal("BAD", "not a date");
    const end = start + 24 * 3600 * 1000;
    return (message) => {
      const time = timeOf(message);
      if (relation === "BEFORE") return time < start;
      return time >= start && (relation === "SINCE" || time < end);
    };
  }
}

function decoded(value: string): string {
  return libmime.decodeWords(Buffer.from(value, "latin1").toString("utf8"));
}
