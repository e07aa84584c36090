import { describe, expect, it } from "vitest";
import { promisedDescription } from "../../provider/rename/steps/addresses";
import type { RunHooks } from "../../provider/rename/run-context";
import { play, scenes, type Played, type Scene } from "./chain-scenes";
import { aroundCalls } from "./meddle";
import { besideEachOther, domain, provider, seatsForAll, settingsOf } from "./stage";

const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };

/** A server on which a name is an account's or an alias's, whichever comes first. */
const neitherBeside = { "alias-beside-user": "refused", "user-beside-alias": "refused" };

/** One on which an alias helps an account that is disabled: elsewhere its mail is returned as long as it is. */
const aliasFirst = { "alias-or-user": "alias" };

/** Plays a scene on a server of its own. */
async function onStage(scene: Scene, switches: Record<string, string>, act: (played: Played) => Promise<void>) {
  const played = await play(scene, { switches: { ...quick, ...besideEachOther, ...switches } });
  try {
    await act(played);
  } finally {
    await played.simulator.stop();
  }
}

/** The names that pass from one person to another. */
function passing({ renames }: Scene): string[] {
  return Object.values(renames).filter((name) => name in renames);
}

/** Asks the server at every step where mail to the names would go, and notes where it would be returned. */
function listen({ simulator }: Played, names: readonly string[]): { hooks: RunHooks; returned: string[] } {
  const returned: string[] = [];
  const ask = (when: string) => async (step: string) => {
    for (const name of names) {
      const checkString = `${name}@${domain}`;
      const { result } = await simulator.adminCall<{ result: string[] }>("Aliases.check", { checkString });
      if (result.length !== 1) returned.push(`${when} ${step}: ${checkString} leads to [${result.join()}]`);
    }
  };
  return { hooks: { before: ask("before"), after: ask("after") }, returned };
}

async function renameAll({ requests, simulator }: Played, hooks: RunHooks, change = {}) {
  const plugin = provider(settingsOf(simulator), { hooks });
  const asked = requests.map((request) => plugin.coordinator.create({ ...request, ...change }));
  const results = await Promise.allSettled(asked);
  await plugin.close();
  return results.map(({ status }) => status);
}

describe.concurrent("a name that passes to somebody else", () => {
  const servers: { title: string; scene: Scene; switches: Record<string, string> }[] = [
    { title: "a circle of three", scene: scenes.circle, switches: {} },
    // Without a free seat a bearer is disabled at first, and no alias comes before it: then held services help alone.
    {
      title: "a circle, users before aliases",
      scene: scenes.circle,
      switches: { "alias-or-user": "user", ...seatsForAll },
    },
    { title: "a chain", scene: scenes.chain, switches: {} },
    { title: "a swap, without a free seat", scene: scenes.swap, switches: { "licence-seats": "2", ...aliasFirst } },
    { title: "a swap, removing late", scene: scenes.swap, switches: { "removal-delay-ms": "500" } },
    { title: "a swap, no user beside an alias", scene: scenes.swap, switches: { "user-beside-alias": "refused" } },
  ];
  it.each(servers)(
    "leads to one person before and after every step: $title",
    { timeout: 180_000 },
    ({ scene, switches }) =>
      onStage(scene, switches, async (played) => {
        const { hooks, returned } = listen(played, passing(scene));
        expect(new Set(await renameAll(played, hooks))).toEqual(new Set(["fulfilled"]));
        expect(returned).toEqual([]);
        await played.expectDone();
      }),
  );

  it.each([
    { title: "knows no call of several", method: "Batch.run" },
    { title: "allows no alias and user beside each other", method: "" },
  ])("has no interim alias at the end on a server that $title", { timeout: 180_000 }, ({ method }) =>
    onStage(scenes.circle, method === "" ? neitherBeside : {}, async (played) => {
      if (method !== "") await played.simulator.control.fault("refuse", { method, code: -32601 });
      expect(new Set(await renameAll(played, played.hooks))).toEqual(new Set(["fulfilled"]));
      await played.expectDone();
    }),
  );

  it("is given up by the interim alias where the server refuses a user beside it", { timeout: 180_000 }, () =>
    onStage(scenes.swap, {}, async (played) => {
      const { control } = played.simulator;
      const refuse = async (step: string) => {
        // The one that is to be enabled at once, and the disabled one; without the alias it is taken.
        if (step === "create-accounts 2")
          await control.fault("refuse", { method: "Users.create", code: 1001, times: 2 });
        await played.expectNobodyElses();
      };
      expect(await renameAll(played, { before: refuse, after: () => {} })).toEqual(["fulfilled", "fulfilled"]);
      const methods = (await control.calls()).map(({ params }) =>
        (params.commandList as { method: string }[] | undefined)?.map(({ method }) => method).join(),
      );
      expect(methods).toContain("Aliases.remove,Users.create");
      await played.expectDone();
    }),
  );

  const holding = { "ignore-service-stop": "no" };
  const takenBack: { title: string; switches: Record<string, string> }[] = [
    { title: "delivers although its services are held", switches: { "ignore-service-stop": "yes", ...aliasFirst } },
    { title: "asks users before aliases, and removes late", switches: { "alias-or-user": "user", ...holding } },
    {
      title: "allows no alias and user beside each other, and removes late",
      switches: { ...neitherBeside, ...holding },
    },
  ];
  it.each(takenBack)(
    "leads to the one who left it while its next bearer is taken back: $title",
    { timeout: 180_000 },
    (server) =>
      onStage(scenes.chain, { "removal-delay-ms": "1500", ...server.switches }, async (played) => {
        const { simulator, requests } = played;
        let step = "";
        const before = (here: string): void => {
          if (here === "roll-back") step = "roll-back";
          if (here === "remove-old 2") throw new Error("stopped by the test");
        };
        const plugin = provider(settingsOf(simulator), { hooks: { before, after: () => {} } });
        const returned: string[] = [];
        aroundCalls(plugin.server.client, async ({ method }, call) => {
          const answer = await call();
          if (step === "roll-back" && method === "Users.remove") step = "removing";
          const { services } = await simulator.control.truth();
          const isOpen = services.some((service) => service.name === "SMTP" && service.isRunning);
          // Where no alias helps a disabled account, only held services do, and a restart opens them for a moment.
          const counts = server.switches["ignore-service-stop"] === "yes" ? step !== "" : step === "removing";
          if (!counts || !isOpen) return answer;
          const { result } = await simulator.adminCall<{ result: string[] }>("Aliases.check", {
            checkString: `bea@${domain}`,
          });
          if (result.length !== 1) returned.push(`${method}: [${result.join()}]`);
          return answer;
        });
        const [ann, bea] = await Promise.allSettled(requests.map((request) => plugin.coordinator.create(request)));
        await plugin.close();
        expect(bea).toMatchObject({ status: "fulfilled" });
        expect(ann).toMatchObject({ status: "rejected", reason: { code: "RENAME_ROLLED_BACK" } });
        expect(returned).toEqual([]);
        expect(step).toBe("removing");
        const { accounts, aliases, services } = await simulator.control.truth();
        expect(accounts.map((account) => account.name).sort()).toEqual(["ann", "cleo"]);
        expect(aliases.filter((alias) => alias.name === "bea")).toEqual([
          expect.objectContaining({ deliverTo: `cleo@${domain}`, description: promisedDescription }),
        ]);
        expect(services.every((service) => service.isRunning)).toBe(true);
        expect(new Set(await renameAll(played, played.hooks))).toContain("fulfilled");
        await played.expectDone();
      }),
  );

  it.each([
    { keepOldAddress: true, left: [`cleo@${domain}`], what: "stays with the one who left it" },
    { keepOldAddress: false, left: undefined, what: "is nobody's" },
  ])("$what, where its next bearer is taken back (keepOldAddress: $keepOldAddress)", { timeout: 180_000 }, (one) =>
    onStage(scenes.chain, {}, async (played) => {
      const { control } = played.simulator;
      const fail = async (step: string) => {
        if (step === "create-accounts 2")
          await control.fault("refuse", { method: "Users.create", code: 1001, times: 9 });
      };
      const { keepOldAddress } = one;
      expect(await renameAll(played, { before: fail, after: () => {} }, { keepOldAddress })).toEqual([
        "rejected",
        "fulfilled",
      ]);
      const { aliases } = await control.truth();
      const rows = aliases.filter((alias) => alias.name === "bea");
      expect(rows.length > 0 ? rows.map((alias) => alias.deliverTo) : undefined).toEqual(one.left);
      expect(JSON.stringify(aliases)).not.toContain("[pulumi-kerio");
      await control.clearFaults();
      expect(await renameAll(played, { before: () => {}, after: () => {} }, { keepOldAddress })).toContain("fulfilled");
      const after = await control.truth();
      expect(after.accounts.map((account) => account.name).sort()).toEqual(["bea", "cleo"]);
      expect(after.aliases.filter((alias) => alias.name === "bea")).toEqual([]);
    }),
  );
});
