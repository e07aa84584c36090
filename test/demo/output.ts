import { stripVTControlCharacters as plain } from "node:util";
import type { MailDirectory } from "../simulator/host/control-types";

const colourful = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
const paint = (code: string) => (text: string) => (colourful ? `\u001b[${code}m${text}\u001b[0m` : text);

/** Text styles; plain where the output is no terminal, or NO_COLOR is set. */
export const style = {
  bold: paint("1"),
  dim: paint("2"),
  red: paint("31"),
  green: paint("32"),
  cyan: paint("36"),
};

/** Whether the engine may print in colour. */
export const engineColour = colourful ? "always" : "never";

/** Prints one line, indented under its heading. */
export function line(text = ""): void {
  process.stdout.write(text === "" ? "\n" : `  ${text}\n`);
}

let steps = 0;

/** Prints the title of a step, under the next number. */
export function heading(title: string): void {
  steps++;
  process.stdout.write(`\n${style.bold(style.cyan(`${steps}. ${title}`))}\n`);
}

/** Prints a command as a person would type it. */
export function command(text: string): void {
  line(style.bold(`$ ${text}`));
}

const width = Math.max(60, Math.min(process.stdout.columns ?? 110, 110) - 6);

/** Prints what a command printed, as it printed it, behind a bar; only its progress dots are left out. */
export function quote(text: string): void {
  const lines = text.replace(/\r/g, "").split("\n");
  const shown = lines.filter((each) => !plain(each).startsWith("@ "));
  let blank = true;
  for (const each of shown.join("\n").trimEnd().split("\n")) {
    const empty = plain(each).trim() === "";
    if (empty && blank) continue;
    blank = empty;
    for (const part of wrapped(each.trimEnd())) line(`${style.dim("│")} ${part}`.trimEnd());
  }
}

/** Breaks a long line at blanks; its further parts are indented as the first. */
function wrapped(text: string): string[] {
  if (plain(text).length <= width) return [text];
  const indent = /^ */.exec(plain(text))?.[0] ?? "";
  const parts: string[] = [];
  let part = indent;
  for (const word of text.trimStart().split(" ")) {
    if (plain(part).trim() !== "" && plain(`${part} ${word}`).length > width) {
      parts.push(part);
      part = indent;
    }
    part = plain(part).trim() === "" ? `${part}${word}` : `${part} ${word}`;
  }
  return [...parts, part];
}

/** Prints the mailbox directories of a domain. */
export function tree(domain: string, directories: readonly MailDirectory[]): void {
  line(style.dim(`store/mail/${domain}/`));
  directories.forEach(({ name, inode, messages }, index) => {
    const branch = index === directories.length - 1 ? "└─" : "├─";
    line(`${style.dim(branch)} ${name.padEnd(10)} ${style.dim(`${plural(messages, "message")}, inode ${inode}`)}`);
  });
}

/** `1 message`, `2 messages`. */
export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
