import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "../rename/stage";
import { canary, possibleNames } from "./hostile-names";
import { treeOf } from "./tree";

let simulator: Simulator;
let plugin: Provider;
let state: string | undefined;

beforeEach(() => rmSync(canary, { force: true }));
afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
  if (state !== undefined) rmSync(state, { recursive: true, force: true });
  state = undefined;
  expect(existsSync(canary)).toBe(false);
});

const mail = (name = "") => treeOf(join(simulator.info.store, "mail", domain, name));
const rename = async () => plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));

/** Has the server list accounts of these names: as it does when its configuration was written by hand. */
async function plantAccounts(names: string[]): Promise<void> {
  await simulator.control.command("stop");
  const file = join(simulator.info.store, "../users.cfg");
  const text = readFileSync(file, "utf8");
  const item = /<listitem>(?:(?!<\/listitem>)[\s\S])*<variable name="Name">asmith<[\s\S]*?<\/listitem>/.exec(text)?.[0];
  if (item === undefined) throw new Error("users.cfg has another form");
  const escaped = (name: string) => name.replace(/[&<>"\r\n\t]/g, (sign) => `&#${sign.codePointAt(0)};`);
  const more = names.map((name, index) =>
    item
      .replace(/<variable name="Name">[^<]*/, () => `<variable name="Name">${escaped(name)}`)
      .replace(/(<variable name="GUID">)[^<]*/, (_whole, start: string) => `${start}${crypto.randomUUID()}${index}`),
  );
  writeFileSync(
    file,
    text.replace(item, () => [item, ...more].join("\n    ")),
  );
  await simulator.control.command("start");
}

test(
  "a store in a path of spaces, quotes and commands is renamed in like any other",
  { timeout: 120_000 },
  async () => {
    state = mkdtempSync(join(tmpdir(), 'it\'s a "store" $(touch x) `touch y` &;| '));
    simulator = await stage({ state });
    plugin = provider(settingsOf(simulator));
    await rename();
    expect((await simulator.control.directories(domain)).map(({ name, messages }) => [name, messages])).toEqual([
      ["jsmith", 3],
    ]);
  },
);

test(
  "a domain's directory that is a symbolic link is refused, and nothing is moved",
  { timeout: 120_000 },
  async () => {
    simulator = await stage();
    plugin = provider(settingsOf(simulator));
    const there = join(simulator.info.store, "mail", domain);
    await simulator.control.command("stop");
    const elsewhere = join(simulator.state, "elsewhere");
    mkdirSync(elsewhere);
    renameSync(there, join(elsewhere, domain));
    symlinkSync(join(elsewhere, domain), there);
    await simulator.control.command("start");
    const before = treeOf(elsewhere);
    await expect(rename()).rejects.toMatchObject({ code: "HOST_UNSUITABLE" });
    await expect(rename()).rejects.toThrow(`the directory of ${domain} in the store is a symbolic link`);
    expect(treeOf(elsewhere)).toEqual(before);
  },
);

test("accounts with hostile names do no harm to others' renames", { timeout: 120_000 }, async () => {
  simulator = await stage({ switches: { "licence-seats": "200" } });
  plugin = provider(settingsOf(simulator));
  const names = possibleNames.filter((name) => !/\p{Cc}/u.test(name) && !/^\s|\s$/.test(name));
  expect(names.length).toBeGreaterThan(40);
  await plantAccounts(names);
  expect((await simulator.control.truth()).accounts.length).toBe(names.length + 2);
  const others = mail().length;
  await rename();
  expect((await simulator.control.directories(domain)).map(({ name }) => name)).toEqual(["jsmith"]);
  expect(mail()).toHaveLength(others);
});

test.each(["a\nb", "a\tb", "a\rb"])(
  "an account %j stops every rename before the host is touched",
  { timeout: 120_000 },
  async (name) => {
    simulator = await stage();
    plugin = provider(settingsOf(simulator));
    await plantAccounts([name]);
    const before = mail();
    await expect(rename()).rejects.toThrow(/account: .*contains a control character/);
    expect(mail()).toEqual(before);
    expect(existsSync(join(simulator.state, "home/.pulumi-kerio"))).toBe(false);
  },
);
