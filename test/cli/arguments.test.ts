import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { age } from "../../provider/cli/age";
import { readArguments, usage } from "../../provider/cli/arguments";
import { renameFates } from "../../provider/rename/outlook";
import { writtenStates } from "../../provider/rename/overview";
import { renameStates } from "../../provider/rename/rename-state";
import { repositoryRoot } from "../helpers/pulumi-template";
import { pulumiKerio } from "./command";

it("reads what the usage tells", () => {
  expect(readArguments(["status"])).toEqual({ command: "status", json: false });
  expect(readArguments(["status", "--server", "north", "--stack=dev", "--json"])).toEqual({
    command: "status",
    server: "north",
    stack: "dev",
    json: true,
  });
  expect(readArguments(["recover", "--dry-run", "--wait", "0"])).toEqual({
    command: "recover",
    json: false,
    dryRun: true,
    wait: 0,
  });
  for (const help of [["--help"], ["-h"], ["help"], ["recover", "--help"]]) {
    expect(readArguments(help)).toEqual({ command: "help" });
  }
  expect(readArguments(["--version"])).toEqual({ command: "version" });
});

it.each([
  [[], /a command is missing/],
  [["repair"], /no command repair/],
  [["status", "--dry-run"], /dry-run/],
  [["recover", "--force"], /force/],
  [["recover", "now"], /now/],
  [["recover", "--server"], /server/],
  [["recover", "--server", ""], /--server is empty/],
  [["recover", "--wait", "soon"], /whole number of seconds/],
  [["--version", "--json"], /takes nothing else/],
])("refuses %j", (args, reason) => expect(() => readArguments(args)).toThrow(reason));

it("exits with 2 and the usage where the command line is wrong", async () => {
  const wrong = await pulumiKerio(["recover", "--force"]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(wrong.stderr).toContain("force");
  expect(wrong.stderr).toContain(usage);
});

it("tells its usage and its version", async () => {
  expect(await pulumiKerio(["--help"])).toEqual({ code: 0, stdout: usage, stderr: "" });
  const { version } = JSON.parse(readFileSync(join(repositoryRoot(), "package.json"), "utf8")) as { version: string };
  expect(await pulumiKerio(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

it("exits with 1 and every problem where the settings are wrong", async () => {
  const { code, stdout, stderr } = await pulumiKerio(["status", "--json"], { KERIO_URL: "http://mail.example.com" });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/kerio:url .*use https/);
  expect(stderr).toMatch(/kerio:password is not set[^]*Without --stack the settings are those of the environment/);
  expect(stderr).toContain("[CONFIG_INVALID]");
});

it("has its states, fates and exit codes in docs/recover.md", () => {
  const page = readFileSync(join(repositoryRoot(), "docs/recover.md"), "utf8");
  for (const [state, text] of Object.entries(renameStates)) expect(page).toContain(`\`${state}\`: ${text}`);
  for (const [fate, text] of Object.entries(renameFates)) {
    expect(page).toMatch(new RegExp(`\\| ${text} +\\| \`${fate}\` +\\|`));
  }
  for (const state of Object.keys(writtenStates)) expect(page).toContain(`\`${state}\``);
  for (const [, code] of usage.matchAll(/\b(\d) [a-z]/g)) expect(page).toMatch(new RegExp(`^\\| ${code} `, "m"));
});

it("tells ages in the largest whole unit", () => {
  const now = Date.parse("2026-03-01T00:00:00Z");
  expect(age("2026-02-27T12:00:00Z", now)).toBe("1 day ago");
  expect(age("2026-02-28T21:30:00Z", now)).toBe("2 hours ago");
  expect(age("2026-02-28T23:59:59Z", now)).toBe("1 second ago");
  expect(age("never", now)).toBe("at an unknown time");
});
