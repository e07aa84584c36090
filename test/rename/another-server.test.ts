import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import type { UserRequest } from "../../provider/rename/user-request";
import { recoverAll } from "../../provider/rename/recover-all";
import { snapshotsDirectory } from "../cli/command";
import { dieIn, dieOf } from "../cli/die-in";
import type { Simulator } from "../helpers/start-simulator";
import { layoutOf } from "../simulator/host/layout";
import { password } from "./crowd";
import { loseDomain, removeAccount } from "./meddle";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

// A run that died holds the host until it has been silent for long enough.
vi.setConfig({ testTimeout: 120_000 });

const simulators: Simulator[] = [];
const plugins: Provider[] = [];
afterEach(async () => {
  for (const plugin of plugins.splice(0)) await plugin.close().catch(() => undefined);
  for (const simulator of simulators.splice(0)) await simulator.stop();
});

async function begin(): Promise<Simulator> {
  const simulator = await stage();
  simulators.push(simulator);
  return simulator;
}

function plug(simulator: Simulator): Provider {
  const plugin = provider(settingsOf(simulator));
  plugins.push(plugin);
  return plugin;
}

const placeOf = (simulator: Simulator) => snapshotsDirectory(layoutOf(simulator.state).homeDir);
const openOf = (simulator: Simulator) => readdirSync(placeOf(simulator)).filter((name) => name.endsWith(".open.json"));
const mails = async (simulator: Simulator, name: string) => (await simulator.control.messages(domain, name)).length;

/** Lets a server find on its host what the runs of another one have left there. */
function share(from: Simulator, to: Simulator): void {
  mkdirSync(placeOf(to), { recursive: true, mode: 0o700 });
  cpSync(placeOf(from), placeOf(to), { recursive: true });
}

async function renamed(plugin: Provider, request: UserRequest): Promise<string> {
  return plugin.coordinator.create(request).then(({ address }) => address, String);
}

it("what another server on the same host has open is neither closed nor waited for, and is finished by its own runs", async () => {
  const [theirs, ours] = [await begin(), await begin()];
  const before = await mails(theirs, "jdoe");
  const id = await dieIn(theirs, "after move-mailboxes");
  share(theirs, ours);
  const open = openOf(ours);

  const recovering = plug(ours);
  let seen: unknown;
  expect(await recoverAll(recovering.server, { onSeen: (outlook) => (seen = outlook) })).toEqual([]);
  expect(seen).toEqual([]);
  const url = theirs.info.adminUrl;
  const told = new RegExp(
    `of another mail server, .*${url}.* store in ${theirs.info.store}.*close it by hand: look in .*/mail/`,
  );
  expect(recovering.lines.join("\n")).toMatch(told);
  expect(openOf(ours)).toEqual(open);

  // The same names, and by the old name alone: no rename of another server is a word about it.
  const updating = plug(ours);
  expect(await renamed(updating, renameRequest("jdoe", "jsmith", undefined))).toBe(`jsmith@${domain}`);
  expect(updating.lines.join("\n")).toMatch(told);
  expect(openOf(ours)).toEqual(expect.arrayContaining(open));

  rmSync(placeOf(theirs), { recursive: true });
  share(ours, theirs);
  expect(await renamed(plug(theirs), renameRequest("jdoe", "jsmith", id))).toBe(`jsmith@${domain}`);
  expect(await mails(theirs, "jsmith")).toBe(before);
});

it("a rename that was done on another server of the host is not taken for one that was done here", async () => {
  const [theirs, ours] = [await begin(), await begin()];
  await renamed(plug(theirs), renameRequest("jdoe", "jsmith", await idOf(theirs, "jdoe")));
  share(theirs, ours);
  expect(await renamed(plug(ours), renameRequest("jdoe", "jsmith", undefined))).toBe(`jsmith@${domain}`);
});

it("of a window over two domains one of which is removed, the people of the other are brought to their end", async () => {
  const simulator = await begin();
  const id = await idOf(simulator, "jdoe");
  await dieInTwo(simulator, id);
  const { server, lines } = plug(simulator);
  const ends = await recoverAll(server);
  expect(
    ends.map(({ from, result }) => [from, result]),
    JSON.stringify(ends) + lines.join("\n"),
  ).toEqual([
    [`jdoe@${domain}`, "finished"],
    ["anna@shop.example", "domain-gone"],
  ]);
  expect(ends[1]?.error).toMatch(/the domain shop\.example .*on the server no more.*\/mail\/shop\.example/);
  expect(openOf(simulator), lines.join("\n")).toEqual([]);
});

it("an update brings them to their end, too, and keeps nobody else waiting", async () => {
  const simulator = await begin();
  const [id, before] = [await idOf(simulator, "jdoe"), await mails(simulator, "jdoe")];
  await dieInTwo(simulator, id);
  const plugin = plug(simulator);
  const other = renameRequest("asmith", "bsmith", await idOf(simulator, "asmith"));
  expect(await renamed(plugin, other)).toBe(`bsmith@${domain}`);
  expect(plugin.lines.join("\n")).toMatch(
    /Snapshot \w+: the domain shop\.example and its accounts are on the server no more/,
  );
  expect(await renamed(plug(simulator), renameRequest("jdoe", "jsmith", id))).toBe(`jsmith@${domain}`);
  expect(await mails(simulator, "jsmith")).toBe(before);
});

it("a domain that was made anew beside one that is there ends its own people's renames only", async () => {
  const simulator = await begin();
  const id = await idOf(simulator, "jdoe");
  await dieInTwo(simulator, id);
  await simulator.adminCall("Domains.create", { domains: [{ name: "shop.example" }] });
  const other = renameRequest("asmith", "bsmith", await idOf(simulator, "asmith"));
  expect(await renamed(plug(simulator), other)).toBe(`bsmith@${domain}`);
  const ends = await recoverAll(plug(simulator).server, { onSeen: () => {} });
  expect(ends.filter(({ result }) => result === "open")).toEqual([]);
  expect(await renamed(plug(simulator), renameRequest("jdoe", "jsmith", id))).toBe(`jsmith@${domain}`);
  expect(openOf(simulator)).toEqual([]);
});

/** A run over two domains that dies with the mailboxes moved; then one of the domains is removed. */
async function dieInTwo(simulator: Simulator, jdoe: string): Promise<void> {
  const made = async (method: string, params: object): Promise<string> =>
    (await simulator.adminCall<{ result: { id: string }[] }>(method, { ...params })).result[0]?.id ?? "";
  const domainId = await made("Domains.create", { domains: [{ name: "shop.example" }] });
  const anna = await made("Users.create", { users: [{ domainId, loginName: "anna", isEnabled: true, password }] });
  await simulator.deliver({ to: "anna@shop.example", subject: "hello" });
  await dieOf(simulator, "after move-mailboxes", [
    renameRequest("jdoe", "jsmith", jdoe),
    renameRequest("anna", "anne", anna, { domain: "shop.example" }),
  ]);
  const { accounts } = await simulator.control.truth();
  for (const account of accounts) if (account.domain === "shop.example") await removeAccount(simulator, account.id);
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Domains.remove", { domainIds: [domainId] });
  expect(errors).toEqual([]);
}

it("a domain that was made anew under its name is not taken for one that is gone: closing it is somebody's own doing", async () => {
  const simulator = await begin();
  await loseDomain(simulator, "old.example");
  await simulator.adminCall("Domains.create", { domains: [{ name: "old.example" }] });
  const { server } = plug(simulator);
  let seen: unknown;
  const ends = await recoverAll(server, { onSeen: (outlook) => (seen = outlook) });
  expect(seen).toMatchObject([{ state: "domain-replaced", will: "leave" }]);
  expect(ends).toMatchObject([{ from: "leaver@old.example", result: "open" }]);
  const [file = ""] = openOf(simulator);
  expect(ends[0]?.error).toMatch(/was made anew.*close it by hand: look in .*\/mail\/old\.example/);
  expect(ends[0]?.error).toContain(file);
  expect(await renamed(plug(simulator), renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")))).toBe(
    `jsmith@${domain}`,
  );
});

it("a snapshot of a store that was moved refuses those it is about, and keeps nobody else waiting", async () => {
  const simulator = await begin();
  const id = await dieIn(simulator, "after move-mailboxes");
  const [name = ""] = openOf(simulator);
  const file = join(placeOf(simulator), name);
  const text = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...text, storePath: "/srv/old-store" }));
  const plugin = plug(simulator);
  const [jdoe, asmith] = await Promise.all([
    renamed(plugin, renameRequest("jdoe", "jsmith", id)),
    renamed(plugin, renameRequest("asmith", "bsmith", await idOf(simulator, "asmith"))),
  ]);
  expect(jdoe).toMatch(/the store is "\/srv\/old-store".*close it by hand: look in .*\.open\.json.*\[RENAME_OPEN\]/s);
  expect(asmith).toBe(`bsmith@${domain}`);
  const ends = await recoverAll(plug(simulator).server);
  expect(ends.filter(({ from }) => from === `jdoe@${domain}`)).toMatchObject([{ result: "open" }]);
});
