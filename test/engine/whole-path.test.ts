import { afterAll, beforeAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { domain, plain, program, stackOf, startQuickHost, upQuietly } from "./stage";
import {
  accountNames,
  accountOf,
  aliasesOf,
  changeByHand,
  deliver,
  expectCleanHost,
  expectRenamed,
  expectStops,
  mailboxOf,
  servicesOf,
} from "./truth";

const password = "Planted.5.Secret";

let simulator: Simulator;
let project: PulumiProject;

beforeAll(async () => {
  simulator = await startQuickHost();
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  await simulator.adminCall("Groups.create", { groups: [{ domainId: list[0]?.id, name: "staff" }] });
  project = await stackOf(simulator, people("jdoe"), { secrets: { "kerio:password": simulator.info.admin.password } });
});

afterAll(async () => {
  await project?.dispose();
  await simulator?.stop();
});

function people(name: string): string {
  return `
    const jdoe = new User("jdoe", { domain, name: "${name}", fullName: "J. Doe", password: "${password}", groups: ["staff"] });
    new User("asmith", { domain, name: "asmith" });
    new Alias("books", { domain, name: "books", deliverTo: jdoe.address });
    exports.address = jdoe.address;
  `;
}

test("users, an alias and a group membership are made, and a second look finds nothing to do", async () => {
  await upQuietly(project);
  expect(await accountNames(simulator)).toEqual(["asmith", "jdoe"]);
  expect(await accountOf(simulator, "jdoe")).toMatchObject({ fullName: "J. Doe", enabled: true });
  expect(await aliasesOf(simulator)).toEqual({ books: [`jdoe@${domain}`] });
  expect(await simulator.control.login("jdoe", password)).toMatchObject({ ok: true });
  await expectStops(simulator, 0);
});

test("a changed name is shown as a rename and becomes one", async () => {
  await deliver(simulator, "jdoe", ["one", "two"]);
  await deliver(simulator, "books", ["three"]);
  const mailbox = await mailboxOf(simulator, "jdoe");
  expect(mailbox.messages).toHaveLength(3);
  const services = await servicesOf(simulator);
  const groups = (await accountOf(simulator, "jdoe"))?.["userGroups"];

  await project.writeProgram(program(people("jsmith")));
  const preview = await project.preview({ diff: true });
  expect(preview.code, preview.text).toBe(0);
  expect(preview.text).toMatch(/kerio:User: \(replace\)/);
  expect(preview.text).toMatch(/~ name *: "jdoe" => "jsmith"/);
  expect(preview.text).toMatch(/\+ renamedFrom *: "jdoe"/);
  expect(preview.text).toMatch(/~ address *: "jdoe@example.com" => "jsmith@example.com"/);
  expect(plain(preview.text)).toContain("jdoe@example.com becomes jsmith@example.com. This update will:");
  expect(plain(preview.text)).toContain("phones with ActiveSync need a new profile");
  expect(preview.text).not.toContain(password);
  expect(await accountNames(simulator)).toEqual(["asmith", "jdoe"]);
  await expectStops(simulator, 0);

  const up = await upQuietly(project);
  expect(plain(up.text)).toContain("phones with ActiveSync need a new profile");
  expect(plain(up.text)).toMatch(/The mail service was away for \d+ s/);
  expect(up.text).not.toContain(password);
  await expectRenamed(simulator, "jdoe", "jsmith", mailbox);
  expect(await accountNames(simulator)).toEqual(["asmith", "jsmith"]);
  expect(await aliasesOf(simulator)).toEqual({ books: [`jsmith@${domain}`], jdoe: [`jsmith@${domain}`] });
  expect((await accountOf(simulator, "jsmith"))?.["userGroups"]).toEqual(groups);
  expect(await servicesOf(simulator)).toEqual(services);
  expect(await simulator.control.login("jsmith", password)).toMatchObject({ ok: true });
  await expectStops(simulator, 1);
  expectCleanHost(simulator);
});

test("mail to the old address arrives in the renamed mailbox", async () => {
  await deliver(simulator, "jdoe", ["to the old address"]);
  const { messages } = await mailboxOf(simulator, "jsmith");
  expect(messages.map((message) => message.subject)).toContain("to the old address");
  expect(await simulator.control.bounces()).toEqual([]);
});

test("a change by hand is shown by a refresh, stops a gate, and is put right", async () => {
  await changeByHand(simulator, "jsmith", { fullName: "Changed By Hand" });
  const shown = await project.preview({ refresh: true, diff: true });
  expect(shown.code, shown.text).toBe(0);
  expect(shown.text).toMatch(/~ fullName *: "Changed By Hand" => "J. Doe"/);
  const gate = await project.preview({ refresh: true, expectNoChanges: true });
  expect(gate.code, gate.text).toBe(7);
  await upQuietly(project, undefined, { flags: ["--refresh"] });
  expect(await accountOf(simulator, "jsmith")).toMatchObject({ fullName: "J. Doe" });
});

test("what the program does not declare is not managed: a change of it by hand is no difference", async () => {
  await changeByHand(simulator, "asmith", { description: "Written by hand" });
  const gate = await project.preview({ refresh: true, expectNoChanges: true, diff: true });
  expect(gate.code, gate.text).toBe(0);
});

test("a field that has gone from the program is no longer managed, and the server keeps its value", async () => {
  await upQuietly(project, people("jsmith").replace('fullName: "J. Doe", ', ""));
  expect(await accountOf(simulator, "jsmith")).toMatchObject({ fullName: "J. Doe" });
  await changeByHand(simulator, "jsmith", { fullName: "Changed By Hand" });
  const gate = await project.preview({ refresh: true, expectNoChanges: true, diff: true });
  expect(gate.code, gate.text).toBe(0);
});

test("no password is in clear in the stack's state", async () => {
  const state = await project.exportState();
  const text = JSON.stringify(state);
  expect(text).not.toContain(password);
  expect(text).not.toContain(simulator.info.admin.password);
  const jdoe = state.deployment.resources?.find((resource) => resource.urn.endsWith("::jdoe"));
  expect(JSON.stringify(jdoe?.inputs?.["password"])).toContain("ciphertext");
  const asmith = state.deployment.resources?.find((resource) => resource.urn.endsWith("::asmith"));
  expect(JSON.stringify(asmith?.outputs?.["initialPassword"])).toContain("ciphertext");
});

test("destroy keeps the mail, says where it lies, and takes the alias of the rename along", async () => {
  const mailbox = await mailboxOf(simulator, "jsmith");
  const destroyed = await project.destroy();
  expect(destroyed.code, destroyed.text).toBe(0);
  expect(plain(destroyed.text)).toMatch(
    /jsmith@example.com was removed. Its mail stays on the mail host in \S+\/mail\/example.com\/jsmith/,
  );
  expect(await accountNames(simulator)).toEqual([]);
  expect(await aliasesOf(simulator)).toEqual({});
  expect(await mailboxOf(simulator, "jsmith")).toEqual(mailbox);
  await expectStops(simulator, 1);
});
