import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One line of a folder's `status.fld`: who may do what, in the letters of RFC 4314. */
export interface RightsLine {
  /** `user@domain`, or `anyone`. */
  who: string;
  rights: string;
}

/** All rights there are. */
export const allRights = "lrswipkxtea";

/** The lines of rights of a folder. */
export function readRights(folder: string): RightsLine[] {
  return linesOf(folder)
    .map((line) => /^(\S+) ([a-z]+)$/.exec(line))
    .flatMap((match) => (match ? [{ who: match[1] ?? "", rights: match[2] ?? "" }] : []));
}

/** Gives somebody these rights, or with none of them takes the line away. Every other line stays as it is. */
export function writeRights(folder: string, who: string, rights: string): void {
  const others = linesOf(folder).filter((line) => line.split(" ")[0]?.toLowerCase() !== who.toLowerCase());
  const lines = [...others, ...(rights === "" ? [] : [`${who} ${rights}`])];
  // In its place: the age of the file is what tells a folder from another one of its name.
  writeFileSync(join(folder, "status.fld"), lines.map((line) => `${line}\n`).join(""));
}

function linesOf(folder: string): string[] {
  const file = join(folder, "status.fld");
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}
