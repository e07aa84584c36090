import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PartialFailure } from "../../provider/rename/partial-failure";
import type { Simulator } from "../helpers/start-simulator";
import { idOfDomain } from "./crowd";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close();
  await simulator?.stop();
});

async function addressesOf(name: string): Promise<unknown> {
  const domainId = await idOfDomain(simulator);
  const { list } = await simulator.adminCall<{ list: { loginName: string; emailAddresses: string[] }[] }>("Users.get", {
    query: { fields: ["loginName", "emailAddresses"] },
    domainId,
  });
  // With or without their domain, as the server writes them.
  return list.find(({ loginName }) => loginName === name)?.emailAddresses.map((address) => address.split("@")[0]);
}

/** Refuses the removal of the old account, and nothing of the roll-back. */
const refuseRemoval = {
  before: async (step: string) => {
    if (step === "remove-old") await simulator.control.fault("refuse", { method: "Users.remove", message: "not now" });
    if (step === "roll-back") await simulator.control.clearFaults();
  },
  after: () => {},
};

it(
  "an alias that may not be pointed to the new account is told in the server's words",
  { timeout: 90_000 },
  async () => {
    const beside = {
      "alias-beside-address": "refused",
      "address-beside-alias": "allowed",
      "refusal-texts": "with-parameters",
    };
    simulator = await stage({ switches: { ...quick, ...beside } });
    const domainId = await idOfDomain(simulator);
    const aliases = [{ domainId, name: "john", deliverTo: `jdoe@${domain}`, type: "TypeEmailAddress" }];
    await simulator.adminCall("Aliases.create", { aliases });
    const jdoe = await idOf(simulator, "jdoe");
    await simulator.adminCall("Users.set", { userIds: [jdoe], pattern: { emailAddresses: ["john"] } });
    plugin = provider(settingsOf(simulator));
    const failure = await plugin.coordinator
      .create(renameRequest("jdoe", "jsmith", jdoe))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    expect((failure as PartialFailure).result.notes).toContainEqual(
      expect.stringMatching(/^alias john: .*already exists/),
    );
  },
);

describe.each(["items", "call"])("an address that an alias has taken since, refused by %s", (bulk) => {
  beforeEach(async () => {
    const beside = { "alias-beside-address": "allowed", "address-beside-alias": "refused" };
    simulator = await stage({ switches: { ...quick, ...beside, "bulk-refusals": bulk } });
    const domainId = await idOfDomain(simulator);
    const userIds = [await idOf(simulator, "jdoe")];
    await simulator.adminCall("Users.set", { userIds, pattern: { emailAddresses: ["sales", "j.d", "jd"] } });
    const aliases = [{ domainId, name: "sales", deliverTo: `asmith@${domain}`, type: "TypeEmailAddress" }];
    await simulator.adminCall("Aliases.create", { aliases });
  });

  it("is told by name, and the others lead to the new account", { timeout: 90_000 }, async () => {
    plugin = provider(settingsOf(simulator));
    const renaming = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    await expect(renaming).rejects.toThrow(/its address sales@example\.com was refused/);
    expect(await addressesOf("jsmith")).toEqual(["j.d", "jd"]);
  });

  it.each([
    ["lists it no more", ["jd"]],
    ["leaves the addresses as they are, without it", undefined],
  ])("keeps the rename open until the program %s", { timeout: 120_000 }, async (_, emailAddresses) => {
    const userIds = [await idOf(simulator, "jdoe")];
    await simulator.adminCall("Users.set", { userIds, pattern: { emailAddresses: ["j.d"] } });
    plugin = provider(settingsOf(simulator));
    const asking = (declared: object) => renameRequest("jdoe", "jsmith", userIds[0], { declared });
    const first = asking({ emailAddresses: ["sales", "jd"] });
    await expect(plugin.coordinator.create(first)).rejects.toThrow(/its address sales@example\.com was refused/);
    const id = await idOf(simulator, "jsmith");
    await expect(plugin.coordinator.finishOpen(id, first, true)).rejects.toThrow(/sales@example\.com was refused/);
    const corrected = asking(emailAddresses ? { emailAddresses } : {});
    expect(await plugin.coordinator.finishOpen(id, corrected, true)).toMatchObject({ userId: id });
    expect(await plugin.coordinator.openRename(id)).toBeUndefined();
  });

  it(
    "is told by a roll-back, which gives the others back and is none that stays open",
    { timeout: 90_000 },
    async () => {
      plugin = provider(settingsOf(simulator), { hooks: refuseRemoval });
      const renaming = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
      await expect(renaming).rejects.toMatchObject({
        code: "RENAME_ROLLED_BACK",
        message: expect.stringMatching(/address sales@example\.com: giving it back failed/),
      });
      expect(await addressesOf("jdoe")).toEqual(["j.d", "jd"]);
    },
  );
});
