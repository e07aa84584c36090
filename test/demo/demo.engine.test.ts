import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { killProcessesIn, processesIn, startCommand, type CommandResult } from "../helpers/pulumi-process";
import { repositoryRoot } from "../helpers/pulumi-template";

const root = repositoryRoot();
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-demo-test-"));
});

afterEach(async () => {
  await killProcessesIn(directory);
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** Runs `npm run demo` as a person would, with a temporary directory of its own. */
function demo(...args: string[]): Promise<CommandResult> {
  const ofThisRun = /^(PULUMI|KERIO|VITEST|npm)_|^(VITEST|NODE_ENV|NODE_OPTIONS)$/;
  const inherited = Object.entries(process.env).filter(([name]) => !ofThisRun.test(name));
  const env = { ...Object.fromEntries(inherited), TMPDIR: directory };
  return startCommand("npm", ["run", "demo", "--", ...args], { cwd: root, env, timeoutMs: 9 * 60_000 }).ended;
}

/** The texts behind the marks of what was claimed. */
function claims({ text }: CommandResult, mark: "✓" | "✗"): string[] {
  return [...text.matchAll(new RegExp(`${mark} (.+)`, "g"))].map(([, claim = ""]) => claim);
}

/** The picture of the preview in README.md: a paragraph, and lines that Pulumi prints of the resources. */
function picture(): { paragraph: string[]; lines: string[] } {
  const [, block = ""] =
    /shows it in full:\n\n```\n([^]+?)```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
  const all = block.trimEnd().split("\n");
  const first = all.findIndex((line) => line.startsWith(" "));
  return { paragraph: oneLine(all.slice(0, first).join(" ")).split("…"), lines: all.slice(first) };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Where each part begins in a text, looked for behind the one before it; -1 for a part that is not there. */
function placesOf(parts: readonly string[], text: string): { part: string; isThere: boolean }[] {
  let from = 0;
  return parts.map((part) => {
    const at = text.indexOf(part, from);
    if (at >= 0) from = at + part.length;
    return { part, isThere: at >= 0 };
  });
}

/** The links that all stand-ins of a user share are made for a temporary directory once, and stay. */
async function expectNothingLeft(): Promise<void> {
  expect(readdirSync(directory).filter((name) => !name.startsWith("stand-in-tools-"))).toEqual([]);
  expect(await processesIn(directory)).toEqual([]);
}

test("the demo proves what it claims, shows the preview of README.md, and leaves nothing", async () => {
  const result = await demo();
  expect(result, result.text).toMatchObject({ code: 0 });
  expect(claims(result, "✗")).toEqual([]);
  const proved = claims(result, "✓");
  expect(proved).toHaveLength(18);
  expect(proved).toContain("all 3 messages in it are there, byte for byte");
  expect(proved).toContain("no message was returned to its sender");
  expect(proved).toContain("its aliases are gone (info, jdoe), all others are there");

  const { paragraph, lines } = picture();
  expect([paragraph.length, lines.length].every((parts) => parts > 1)).toBe(true);
  const quoted = result.stdout.replace(/^ {2}│ ?/gm, "");
  const parts = [...placesOf(paragraph, oneLine(quoted)), ...placesOf(lines, quoted)];
  expect(parts.filter(({ isThere }) => !isThere)).toEqual([]);

  await expectNothingLeft();
});

test("with --keep it says how to go on, and that and its end work", async () => {
  const result = await demo("--keep");
  expect(result, result.text).toMatchObject({ code: 0 });
  const [, settings] = /^ *(\. \S+env\.sh)/m.exec(result.stdout) ?? [];
  const [, end] = /The end: (.+)/.exec(result.stdout) ?? [];
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  const shell = (line: string) => promisify(execFile)("sh", ["-ec", line], { env, timeout: 120_000 });
  const preview = await shell(`${settings}; pulumi preview --diff --expect-no-changes --non-interactive`);
  expect(preview.stdout).toContain("5 unchanged");
  expect(await processesIn(directory)).not.toEqual([]);
  await shell(`${end}`);
  await expectNothingLeft();
});
