import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { UserRequest } from "../../provider/rename/user-request";
import { picture } from "./picture";
import { play, scenes, type Played, type Scene } from "./chain-scenes";
import { plantStray, straySubject } from "./crash/trigger";
import { domain, madeAtFirstUse, newcomer, provider, seatsForAll, settingsOf, type Provider } from "./stage";

/** Asks for all renames of a scene at once, as an engine with enough slots does. */
async function renameAll(plugin: Provider, { requests }: Played): Promise<PromiseSettledResult<unknown>[]> {
  const asked = requests.map((request) => plugin.coordinator.create(request));
  return Promise.allSettled(asked);
}

/** Carries a swap out, and answers what was told meanwhile. */
async function swapped(played: Played): Promise<string[]> {
  const plugin = provider(settingsOf(played.simulator), { hooks: played.hooks });
  const results = await renameAll(plugin, played);
  await plugin.close();
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  return plugin.lines;
}

/** Plays a scene on a server of its own. */
async function onStage(
  scene: Scene,
  act: (played: Played) => Promise<void>,
  switches: Record<string, string> = {},
): Promise<void> {
  const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };
  // How often it is stopped depends on when it writes down who is gone, takes hold of a mailbox, and shows what is in it.
  const counted = { "config-save": "at-stop", "bind-account": "at-first-use", "adopted-sizes": "at-once" };
  // Some bring more people than there are seats in a crowded town.
  const seats = Object.keys(scene.renames).length > 2 ? seatsForAll : {};
  const played = await play(scene, { switches: { ...quick, ...counted, ...seats, ...switches } });
  try {
    await act(played);
  } finally {
    await played.simulator.stop();
  }
}

/** What is told where the server is restarted to see a mailbox. */
const restarted = "stopped and started once more";

const parkingOf = ({ simulator }: Played): string[] => {
  const parking = join(simulator.info.store, "pulumi-kerio");
  return existsSync(parking) ? readdirSync(parking) : [];
};

describe.concurrent("renames whose names depend on each other", () => {
  it.each([
    [scenes.chain, 2],
    [scenes.swap, 3],
    [scenes.circle, 4],
    [scenes.several, 3],
  ])("$title is done in one stop, and one for each name that is passed on", { timeout: 180_000 }, (scene, stops) =>
    onStage(scene, async (played) => {
      const plugin = provider(settingsOf(played.simulator), { hooks: played.hooks });
      const results = await renameAll(plugin, played);
      await plugin.close();
      for (const result of results) expect(result).toMatchObject({ status: "fulfilled", value: { notes: [] } });
      await played.expectDone();
      expect(await played.simulator.control.downtimes()).toHaveLength(stops);
      expect(parkingOf(played)).toEqual([]);
      for (const [index, { name }] of played.people.entries()) {
        const now = played.requests[index]?.name ?? "";
        const { initialPassword = "" } = (results[index] as PromiseFulfilledResult<{ initialPassword?: string }>).value;
        const login = await played.simulator.control.login(now, initialPassword);
        expect(login.ok && login.messages.every((message) => message.subject.endsWith(` for ${name}`))).toBe(true);
      }
    }),
  );

  it.each([
    ["bind-account", "at-start", 4],
    ["adopted-sizes", "later", 4],
    ["licence-seats", "2", 3],
  ] as const)("a swap where %s is %s", { timeout: 180_000 }, (name, value, stops) =>
    onStage(
      scenes.swap,
      async (played) => {
        const lines = await swapped(played);
        await played.expectDone();
        expect(lines.join().includes(restarted)).toBe(stops === 4);
        expect(await played.simulator.control.downtimes()).toHaveLength(stops);
      },
      { [name]: value },
    ),
  );

  const late = { "config-save": "after-change", "placed-directory": "at-restart" };
  it.each([
    ["at-first-use", 1],
    ["at-create", 1],
    ["at-start", 2],
  ])("a swap where a running server heeds no move, bound %s", { timeout: 180_000 }, (bind, stops) =>
    onStage(
      scenes.swap,
      async (played) => {
        const lines = await swapped(played);
        expect(lines.join().includes(restarted)).toBe(stops === 2);
        expect(await played.simulator.control.downtimes()).toHaveLength(stops);
        await played.expectDone();
      },
      { ...late, "bind-account": bind },
    ),
  );

  it.each([
    ["after-change", true],
    ["at-stop", false],
  ])(
    "an empty mailbox, of which such a server that saves %s shows nothing",
    { timeout: 180_000 },
    (save, isRestarted) =>
      onStage(
        scenes.chain,
        async (played) => {
          const { info, deliver, control } = played.simulator;
          for (const name of ["ann", "bea"]) {
            const messages = join(info.store, "mail", domain, name, "INBOX/#msgs");
            for (const file of readdirSync(messages)) rmSync(join(messages, file));
          }
          const plugin = provider(settingsOf(played.simulator));
          const results = await renameAll(plugin, played);
          await plugin.close();
          expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
          await deliver({ to: `bea@${domain}`, subject: "after" });
          expect(await control.messages(domain, "bea")).toMatchObject([{ subject: "after" }]);
          expect(plugin.lines.join().includes(restarted)).toBe(isRestarted);
          expect(await control.downtimes()).toHaveLength(2);
        },
        { ...late, "bind-account": "at-start", "config-save": save },
      ),
  );

  it("the name at the head goes to a newcomer, in the same run", { timeout: 180_000 }, () =>
    onStage(
      scenes.chain,
      async (played) => {
        const plugin = provider(settingsOf(played.simulator), { isDeclared: (_domain, name) => name === "ann" });
        const [renamed, made] = await Promise.all([
          renameAll(plugin, played),
          plugin.coordinator.create(newcomer("ann")),
        ]);
        await plugin.close();
        expect(renamed.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
        const after = await picture(played.simulator);
        expect(after.names).toEqual(["ann", "bea", "cleo"]);
        expect(after.account("ann").id).toBe(made.userId);
        expect(after.directories.ann).toBeUndefined();
        expect(after.aliases.ann).toBeUndefined();
        expect(after.messages("bea")).toEqual(played.people[0]?.messages);
        expect(await played.simulator.control.downtimes()).toHaveLength(2);
      },
      madeAtFirstUse,
    ),
  );

  it("are refused with the names where the last one cannot be had, and a neighbour goes on", { timeout: 180_000 }, () =>
    onStage({ title: "", renames: { ann: "bea", bea: "cleo", gwen: "hope" } }, async (played) => {
      const plugin = provider(settingsOf(played.simulator));
      await plugin.coordinator.create(newcomer("cleo"));
      const [ann, bea, gwen] = await renameAll(plugin, played);
      await plugin.close();
      expect(gwen).toMatchObject({ status: "fulfilled" });
      for (const refused of [ann, bea]) {
        expect(refused).toMatchObject({ status: "rejected", reason: { code: "RENAME_REFUSED" } });
      }
      expect(String((bea as PromiseRejectedResult).reason)).toMatch(
        /cleo@example\.com is the account of.*PULUMI_PARALLEL/,
      );
      expect(String((ann as PromiseRejectedResult).reason)).toMatch(/bea@example\.com is the account of.*refused/);
      const after = await picture(played.simulator);
      expect(after.names).toEqual(["ann", "bea", "cleo", "hope"]);
      expect(after.messages("ann")).toEqual(played.people[0]?.messages);
    }),
  );

  it("one whose other half does not come is refused before anything is touched", { timeout: 180_000 }, () =>
    onStage(scenes.chain, async (played) => {
      const [ann, bea] = played.requests as [UserRequest, UserRequest];
      const plugin = provider(settingsOf(played.simulator));
      const early: unknown = await plugin.coordinator.create(ann).catch((error: unknown) => error);
      expect(String(early)).toMatch(/bea@example\.com is the account of.*PULUMI_PARALLEL.*pulumi up/);
      expect(await played.simulator.control.downtimes()).toHaveLength(0);
      // In the other order one after the other ends well: the alias that the first one has left gives way.
      await plugin.coordinator.create(bea);
      await plugin.coordinator.create(ann);
      await plugin.close();
      await played.expectDone();
      expect(plugin.lines.join()).toContain("PULUMI_PARALLEL");
    }),
  );

  it("whoever waits is taken back when the new account is refused; who has made way stays", { timeout: 180_000 }, () =>
    onStage(scenes.chain, async (played) => {
      const { control } = played.simulator;
      const refuse = async (step: string): Promise<void> => {
        await played.expectNobodyElses();
        if (step === "create-accounts 2") await control.fault("refuse", { method: "Users.create", code: 1003 });
      };
      const plugin = provider(settingsOf(played.simulator), { hooks: { before: refuse, after: () => {} } });
      const [ann, bea] = await renameAll(plugin, played);
      await plugin.close();
      expect(bea).toMatchObject({ status: "fulfilled" });
      expect(ann).toMatchObject({ status: "rejected", reason: { code: "RENAME_ROLLED_BACK" } });
      const between = await picture(played.simulator);
      expect(between.names).toEqual(["ann", "cleo"]);
      expect(between.messages("ann")).toEqual(played.people[0]?.messages);
      expect(between.account("ann")).toMatchObject({ enabled: true });
      // Mail to the name that nobody has taken goes on arriving.
      expect(between.aliases.bea).toEqual([`cleo@${domain}`]);
      await control.clearFaults();
      const next = provider(settingsOf(played.simulator));
      await next.coordinator.create((played.requests as [UserRequest])[0]);
      await next.close();
      await played.expectDone();
    }),
  );

  it("a circle that has been left goes forward only, and says where everybody is", { timeout: 180_000 }, () =>
    onStage(scenes.swap, async (played) => {
      const { control } = played.simulator;
      const refuse = async (step: string): Promise<void> => {
        if (step === "create-accounts 2") await control.fault("refuse", { method: "Users.create", code: 1003 });
      };
      const plugin = provider(settingsOf(played.simulator), { hooks: { before: refuse, after: () => {} } });
      const results = await renameAll(plugin, played);
      await plugin.close();
      for (const result of results) expect(result).toMatchObject({ reason: { code: "RENAME_OPEN" } });
      expect(String((results[0] as PromiseRejectedResult).reason)).toMatch(/bears the name renaming-.*pulumi up/);
      await played.expectNobodyElses();
      const enabled = (await control.truth()).accounts.filter((account) => account.enabled);
      expect(enabled).toHaveLength(2);
      await control.clearFaults();
      const next = provider(settingsOf(played.simulator), { hooks: played.hooks });
      expect((await renameAll(next, played)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      await next.close();
      await played.expectDone();
      expect(parkingOf(played)).toEqual([]);
    }),
  );

  it("a member that fails before anybody has left takes the whole circle back", { timeout: 180_000 }, () =>
    onStage(scenes.swap, async (played) => {
      const fail = async (step: string): Promise<void> => {
        // Something lies where the second mailbox is to wait.
        const waiting = join(played.simulator.info.store, `pulumi-kerio/mailbox-${played.people[1]?.inode}`);
        if (step === "move-mailboxes") mkdirSync(waiting, { recursive: true });
      };
      const plugin = provider(settingsOf(played.simulator), { hooks: { before: fail, after: () => {} } });
      const results = await renameAll(plugin, played);
      await plugin.close();
      for (const result of results) expect(result).toMatchObject({ reason: { code: "RENAME_ROLLED_BACK" } });
      const after = await picture(played.simulator);
      expect(after.names).toEqual(["ann", "bea"]);
      for (const { name, messages } of played.people) {
        expect(after.messages(name)).toEqual(messages);
        expect(after.account(name)).toMatchObject({ enabled: true });
        expect(after.groups[`group-${name}`]).toEqual([name]);
        expect(after.aliases[`alias-${name}`]).toEqual([`${name}@${domain}`]);
      }
    }),
  );

  it("what came under the name of somebody who has left a circle follows that person", { timeout: 180_000 }, () =>
    onStage(scenes.swap, async (played) => {
      const mail = join(played.simulator.info.store, "mail", domain);
      const before = (step: string): void => {
        if (step === "record-results") plantStray(mail, "ann");
      };
      const plugin = provider(settingsOf(played.simulator), { hooks: { before, after: () => {} } });
      const results = await renameAll(plugin, played);
      await plugin.close();
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      const subjects = async (name: string) =>
        (await played.simulator.control.messages(domain, name)).map((message) => message.subject).sort();
      expect(await subjects("bea")).toEqual([straySubject, "one for ann", "two for ann"]);
      expect(await subjects("ann")).toEqual(["one for bea", "two for bea"]);
      expect(parkingOf(played)).toEqual([]);
    }),
  );

  it("an alias that the program gives another name makes way", { timeout: 180_000 }, () =>
    onStage({ title: "", renames: { ann: "info" } }, async (played) => {
      const { adminCall, control } = played.simulator;
      const domainId = (await control.truth()).domains[0]?.id;
      const row = { domainId, name: "info", deliverTo: "postmaster@example.org", type: "TypeEmailAddress" };
      const { result } = await adminCall<{ result: { id: string }[] }>("Aliases.create", { aliases: [row] });
      const refusing = provider(settingsOf(played.simulator));
      const [refused] = await renameAll(refusing, played);
      await refusing.close();
      expect(String((refused as PromiseRejectedResult).reason)).toMatch(/taken by the alias info.*update of its own/);
      const plugin = provider(settingsOf(played.simulator), { isAliasLeaving: (id) => id === result[0]?.id });
      const [renamed] = await renameAll(plugin, played);
      await plugin.close();
      expect(renamed).toMatchObject({ status: "fulfilled" });
      await played.expectDone();
      expect((await picture(played.simulator)).aliases.info).toBeUndefined();
    }),
  );
});
