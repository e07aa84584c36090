import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { Simulator } from "../helpers/start-simulator";
import { removeAccount, takeSeat } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
const open: Provider[] = [];

beforeEach(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
});
afterEach(async () => {
  for (const plugin of open.splice(0)) await plugin.close();
  await simulator.stop();
});

function next(change: Partial<ServerSettings> = {}): Provider {
  const plugin = provider(settingsOf(simulator, change));
  open.push(plugin);
  return plugin;
}

const [from, to] = ["jdoe", "jsmith"];
const byNames = renameRequest(from, to);

/** The rename is done; then the person is removed, and somebody else is hired under the old name. */
async function succeeded({ isHeard }: { isHeard: boolean }): Promise<void> {
  const old = await idOf(simulator, from);
  const { coordinator } = next();
  await coordinator.create(renameRequest(from, to, old));
  if (isHeard) await coordinator.heard(old);
  await removeAccount(simulator, await idOf(simulator, to));
  for (const { id } of (await aliasesOf()).filter(({ name }) => name === from))
    await simulator.adminCall("Aliases.remove", { aliasIds: [id] });
}

async function aliasesOf(): Promise<{ id: string; name: string }[]> {
  const query = { domainId: (await next().server.inventory.domain(domain)).id, query: {} };
  return (await simulator.adminCall<{ list: { id: string; name: string }[] }>("Aliases.get", query)).list;
}

describe("a rename that is asked for by names alone, and was done before", { timeout: 180_000 }, () => {
  it.each([true, false])(
    "takes nothing of another person who bears the old name by now; heard: %s",
    async (isHeard) => {
      await succeeded({ isHeard });
      await takeSeat(simulator, from);
      await simulator.deliver({ to: `${from}@${domain}`, subject: "for the newcomer" });
      const before = await picture(simulator);
      const told =
        /jdoe@example\.com was renamed to jsmith@example\.com before.*is another one\. Leave renamedFrom out.*own/s;

      const { coordinator } = next();
      expect((await coordinator.checkRename({ domain, from, to })).refusals.join()).toMatch(told);
      await expect(coordinator.create(byNames)).rejects.toMatchObject({
        code: "RENAME_REFUSED",
        message: expect.stringMatching(told) as string,
      });
      expect((await picture(simulator)).text).toBe(before.text);
      expect(await simulator.control.downtimes()).toHaveLength(1);

      // By the newcomer's own resource.
      const { userId } = await coordinator.create(renameRequest(from, to, before.ids[from]));
      expect((await picture(simulator)).ids).toMatchObject({ [to]: userId });
    },
  );

  it.each([true, false])("is refused with the way out where nobody bears either name; heard: %s", async (isHeard) => {
    await succeeded({ isHeard });
    const told = /was renamed to jsmith@example\.com before .*is there no more.*Leave renamedFrom out/s;
    const { coordinator } = next();
    expect((await coordinator.checkRename({ domain, from, to })).refusals.join()).toMatch(told);
    await expect(coordinator.create(byNames)).rejects.toMatchObject({
      code: "RENAME_REFUSED",
      message: expect.stringMatching(told) as string,
    });
    // The engine that was never told forgets the old half in a refresh, and has nothing to rename then.
    const byId = renameRequest(from, to, "keriodb://user/gone");
    await expect(coordinator.create(byId)).rejects.toMatchObject({ code: "RENAME_REFUSED" });
  });

  it("is another one where the person has taken the old name back since, and is told where to find one who has not", async () => {
    const { coordinator } = next();
    const old = await idOf(simulator, from);
    const { userId } = await coordinator.create(renameRequest(from, to, old));
    await coordinator.heard(old);
    expect((await next().coordinator.checkRename({ domain, from, to })).refusals.join()).toMatch(
      /write adopt: true to manage jsmith@example\.com/,
    );
    await coordinator.create(renameRequest(to, from, userId));
    await coordinator.heard(userId);
    expect((await next().coordinator.checkRename({ domain, from, to })).refusals).toEqual([]);
    await next().coordinator.create(byNames);
    expect((await picture(simulator)).names).toEqual(["asmith", to]);
  });

  it("is not known without SSH; a silent mail host is a warning, once asked", async () => {
    await succeeded({ isHeard: true });
    await takeSeat(simulator, from);
    const without = await next({ ssh: undefined }).coordinator.checkRename({ domain, from, to });
    expect(without.refusals).toEqual([expect.stringContaining("kerio:sshHost")]);
    expect(without.warnings.join()).not.toContain("mail host");
    const { ssh } = settingsOf(simulator);
    const silent = next({ ssh: ssh && { ...ssh, port: 1 } });
    const { refusals, warnings } = await silent.coordinator.checkRename({ domain, from, to });
    expect(refusals).toEqual([]);
    expect(warnings.join()).toMatch(/could not be looked up on the mail host .*`pulumi up` looks again/);
    await expect(silent.coordinator.create(byNames)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });
});
