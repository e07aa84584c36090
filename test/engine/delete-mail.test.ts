import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { succeeded, type PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { domain, program, stackOf, startQuickHost, upQuietly, upRefused, urnOf } from "./stage";
import { accountNames, expectPerson, expectRenamed, mailboxOf, type MailboxTruth } from "./truth";

/** Logical names of the users of one stack, under which they begin in the mail domain, too. */
const people = ["ada", "ben", "cyd", "dee", "eva", "flo", "gus", "hal", "ivy", "jon"] as const;
type Person = (typeof people)[number];

let simulator: Simulator;
let project: PulumiProject;
const mailboxes = new Map<Person, MailboxTruth>();

beforeAll(async () => {
  simulator = await startQuickHost();
  project = await stackOf(simulator, programOf({ flo: user("flo", "flo", "", "retainOnDelete: true") }));
  await upQuietly(project);
  await Promise.all(people.map((name) => simulator.deliver({ to: `${name}@${domain}`, subject: "one" })));
  await vi.waitUntil(async () => (await simulator.control.deliveries()).length === people.length, 20_000);
  for (const name of people) mailboxes.set(name, await mailboxOf(simulator, name));
});

afterAll(async () => {
  await project?.dispose();
  await simulator?.stop();
});

/** A user whose mail goes with the account. */
function user(person: Person, name: string = person, args = "", opts = ""): string {
  return `new User("${person}", { domain, name: "${name}", onDelete: "deleteMail", ${args} }, { ${opts} });`;
}

/** Everybody as at the beginning, with changes. */
function programOf(change: Partial<Record<Person, string>>): string {
  return people.map((person) => change[person] ?? user(person)).join("\n");
}

/** Everybody is a target, so that nobody is left out for the one who is replaced. */
const all = people.flatMap((person) => ["--target", urnOf(person)]);

/** Replaces three users, each in another way that does not ask `diff`. */
async function replaceThree(): Promise<string[]> {
  succeeded(await project.pulumi(["state", "taint", "--yes", urnOf("cyd")]));
  return ["--replace", urnOf("ada"), "--target-replace", urnOf("ben"), ...all];
}

/** Who has the account and the mail of the beginning, under which name. */
async function expectEverybody(names: Partial<Record<Person, string>>): Promise<void> {
  for (const [person, mailbox] of mailboxes) await expectPerson(simulator, names[person] ?? person, mailbox);
}

const renamed = { dee: "dee.new", eva: "eva.new" };
const afterwards = {
  dee: user("dee", "dee.new", "", "retainOnDelete: true"),
  eva: user("eva", "eva.new"),
  flo: "",
  gus: user("gus", "gus.new", "", 'ignoreChanges: ["name"]'),
  hal: user("hal", "hal", 'fullName: "Hal"', "protect: true"),
};

test("with deleteMail, too, no option that lets an update through takes a mailbox along", async () => {
  const adopted = ["ada", "ben", "cyd"] as const;
  const adopt = Object.fromEntries(adopted.map((person) => [person, user(person, person, "adopt: true")]));
  await upQuietly(project, programOf({ ...afterwards, ...adopt }), { flags: await replaceThree() });
  await expectEverybody(renamed);
  for (const person of ["dee", "eva"] as const)
    await expectRenamed(simulator, person, renamed[person], mailboxes.get(person)!);
  expect(await accountNames(simulator)).toEqual(people.map((person) => (person in renamed ? `${person}.new` : person)));
});

test("with deleteMail, too, deleteBeforeReplace removes nobody, with and without another name", async () => {
  const opts = "deleteBeforeReplace: true";
  const change = { ivy: user("ivy", "ivy.new", "", opts), jon: user("jon", "jon", "", opts) };
  const text = await upRefused(project, programOf({ ...afterwards, ...change }), {
    flags: ["--replace", urnOf("jon")],
  });
  expect(text).toContain("[DELETE_REFUSED]");
  await expectEverybody(renamed);
});

test("with deleteMail, too, a forced replacement with another name removes nobody", async () => {
  const others = Object.fromEntries((["ada", "ben", "cyd"] as const).map((name) => [name, user(name, `${name}.two`)]));
  // The engine may have forgotten who was to be removed before the replacement.
  const jon = user("jon", "jon", "adopt: true");
  await project.writeProgram(program(programOf({ ...afterwards, ...others, jon })));
  const text = await upRefused(project, undefined, { flags: await replaceThree() });
  expect(text).toContain("[DELETE_REFUSED]");
  expect(text).toContain('write renamedFrom: "');
  await expectEverybody(renamed);
  expect(await accountNames(simulator)).toEqual(expect.arrayContaining(["ada.two", "ben.two", "cyd.two"]));
});
