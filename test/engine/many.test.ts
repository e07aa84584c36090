import { afterAll, expect, test } from "vitest";
import type { PulumiProject } from "../helpers/pulumi-project";
import type { Simulator } from "../helpers/start-simulator";
import { domain, program, stackOf, startQuickHost } from "./stage";
import { aliasesOf, expectStops, servicesOf } from "./truth";

/** How many people are renamed; the engine's own writing of its state, nearly all of the time, grows by the square. */
const count = 200;

let project: PulumiProject | undefined;
let simulator: Simulator | undefined;

afterAll(async () => {
  await project?.dispose();
  await simulator?.stop();
});

/** So many people; `dot` stands in their names, so that another one renames them all. */
const people = (dot: string): string => `
  for (let index = 0; index < ${count}; index++) {
    new User("person" + index, { domain, name: "person${dot}" + index, password: pulumi.secret("Orchard.7.Gate") });
  }
`;

test(`${count} renames in one update with --parallel 1000 stop the service once`, { timeout: 900_000 }, async () => {
  const host = await startQuickHost({ "licence-seats": String(count) });
  simulator = host;
  project = await stackOf(host, people("-"), { supervisor: 60 });
  const every = { parallel: 1000, timeoutMs: 600_000 };
  // Only the update that is looked at writes its state after every step, as it does for a user.
  const quick = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };
  const created = await project.up({ ...every, env: quick });
  expect(created.code, created.text).toBe(0);
  const before = await host.control.truth();
  // Without mail there is no directory to rename, and no reason to stop anything.
  for (const { name, address } of before.accounts) {
    await host.control.submit("a@example.org", [address], `Subject: for ${name}\r\n\r\nx\r\n`);
  }
  const mailboxes = new Map((await host.control.directories(domain)).map(({ name, inode }) => [name, inode]));
  expect(mailboxes.size).toBe(count);
  const services = await servicesOf(host);
  expect(before.accounts).toHaveLength(count);
  expect(await host.control.downtimes()).toEqual([]);

  await project.writeProgram(program(people(".")));
  const renamed = await project.up(every);
  expect(renamed.code, renamed.text).toBe(0);

  await expectStops(host, 1);
  const { accounts } = await host.control.truth();
  const wanted = Array.from({ length: count }, (_, index) => `person.${index}`).sort();
  expect(accounts.map((account) => account.name).sort()).toEqual(wanted);
  expect(accounts.filter((account) => !account.enabled || account.description.includes("pulumi-kerio"))).toEqual([]);
  const now = await host.control.directories(domain);
  expect(now.map(({ name }) => name).sort()).toEqual(wanted);
  expect(now.filter((one) => one.messages !== 1 || one.inode !== mailboxes.get(one.name.replace(".", "-")))).toEqual(
    [],
  );
  const aliases = await aliasesOf(host);
  const leading = wanted.map((name) => aliases[name.replace(".", "-")]);
  expect(leading).toEqual(wanted.map((name) => [`${name}@${domain}`]));
  expect(await servicesOf(host)).toEqual(services);
});
