import { KerioError } from "../errors";

/** A value that travels to the host as one line or one field of a line; control characters are refused. */
export function field(value: string, what: string): string {
  // A line feed or tab would start another record, and no path or name of the store needs a control character.
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 32 || code === 127 || (code >= 0xd800 && code <= 0xdfff)) {
      throw new KerioError("INPUT_INVALID", {
        object: what,
        doing: "handing it to the mail host",
        happened: `${JSON.stringify(value)} contains a control character`,
        next: "Nothing was sent.",
      });
    }
  }
  if (value === "") {
    throw new KerioError("INPUT_INVALID", { object: what, doing: "handing it to the mail host", happened: "empty" });
  }
  return value;
}

/** One line of several tab-separated fields. */
export function row(values: string[], what: string): string {
  return values.map((value) => field(value, what)).join("\t");
}

/** An absolute path without `.` and `..` components or doubled separators. */
export function absolutePath(value: string, what: string): string {
  const path = field(value, what);
  const parts = path.split("/").slice(1);
  if (!path.startsWith("/") || (path !== "/" && parts.some((part) => part === "" || part === "." || part === ".."))) {
    throw new KerioError("INPUT_INVALID", {
      object: what,
      doing: "handing it to the mail host",
      happened: `${JSON.stringify(value)} is not an absolute path in its plain form`,
      next: "Nothing was sent.",
    });
  }
  return path;
}

/** The name of one directory entry. */
export function entryName(value: string, what: string): string {
  const name = field(value, what);
  if (name === "." || name === ".." || name.includes("/") || Buffer.byteLength(name) > 255) {
    throw new KerioError("INPUT_INVALID", {
      object: what,
      doing: "handing it to the mail host",
      happened: `${JSON.stringify(value)} is not the name of a directory entry`,
      next: "Nothing was sent.",
    });
  }
  return name;
}

/** A random id as used for runs, snapshots and marks. */
export function plainId(value: string, what: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(value)) {
    throw new KerioError("INPUT_INVALID", {
      object: what,
      doing: "handing it to the mail host",
      happened: `${JSON.stringify(value)} is not an id of lower-case letters and digits`,
    });
  }
  return value;
}
