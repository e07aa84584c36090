import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { hostTools, ifPresent } from "../openssh/host-tools";

const host = resolve(__dirname, "../../provider/host");
const files = [host, join(host, "scripts")].flatMap((directory) =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(directory, name)),
);

const keywords = "if then elif else fi for while until do done case esac in";
const builtins =
  "alias break cd command continue echo eval exec exit export false local printf pwd read return set shift test trap true umask unset wait";
const noCommands = new Set(`${keywords} ${builtins}`.split(" "));

/** The shell texts of a source file: its template literals, as they are when the program runs. */
function scriptsOf(source: string): string[] {
  const literals = [...source.matchAll(/`((?:[^`\\]|\\[\s\S])*)`/g)].map((match) => match[1] ?? "");
  return literals.filter((text) => text.includes("\n")).map((text) => text.replace(/\\([\s\S])/g, "$1"));
}

/** Words that stand where a command can stand. Programs of awk and sed, expansions and comments are taken out first. */
function commandsOf(script: string): string[] {
  const bare = script
    .replace(/\\'/g, "")
    .replace(/'[^']*'/g, "''")
    .replace(/\$\{[^}]*\}/g, "$x")
    .replace(/\$\(\((?:[^()]|\([^()]*\))*\)\)/g, "$x")
    .replace(/"(?:[^"$\n]|\$(?!\())*"/g, '""')
    .replace(/(^|[\s;])#[^\n]*/g, "$1")
    .replace(/\\\n/g, " ");
  const place =
    /(?<=(^|[\n;]|\|\|?|&&|[({]|! |\b(?:then|do|else|elif|if|while|until|exec|command -v)\b|\))[ \t]*)(?<![$\w"./-])[a-z][\w.-]*/g;
  return [...bare.matchAll(place)].flatMap(({ 0: word, 1: before = "", index }) => {
    const after = bare.slice(index + word.length);
    const isAssignment = /^\+?=/.test(after);
    const isPattern = /[\n;|]$|^$/.test(before) && /^[\w:*."$? |-]*\)/.test(after) && !/^[^\n)]*\(/.test(after);
    return isAssignment || isPattern ? [] : [word];
  });
}

test("commands are found wherever they stand", () => {
  const script = `a=$(readlink -f "$x") # not stat\nfind . | xargs rm\nif stat y; then setsid z "$(nproc)" & fi
    case $a in start | stop) flock "$a" ;; esac\n{ mktemp; } && f=1 timeout 3 || ! pgrep x`;
  const wanted = ["readlink", "find", "xargs", "stat", "setsid", "nproc", "flock", "mktemp", "pgrep"];
  expect(commandsOf(script)).toEqual(expect.arrayContaining(wanted));
  expect(commandsOf(script)).not.toEqual(expect.arrayContaining(["start"]));
});

test("the scripts for the mail host use nothing beyond a POSIX shell and what a minimal Debian and macOS have", () => {
  const scripts = files.flatMap((file) => scriptsOf(readFileSync(file, "utf8")));
  expect(scripts.length).toBeGreaterThan(15);
  const functions = new Set(
    scripts.flatMap((script) => [...script.matchAll(/\b([a-z_]+)\(\) \{/g)].map((match) => match[1] ?? "")),
  );
  const used = new Set(scripts.flatMap(commandsOf));
  for (const known of ["awk", "mv", "find", "sync", "systemctl", "launchctl", "df"]) expect(used).toContain(known);
  const allowed = new Set([...hostTools, ...ifPresent]);
  const others = [...used].filter((word) => !noCommands.has(word) && !functions.has(word) && !allowed.has(word));
  expect(others).toEqual([]);
});
