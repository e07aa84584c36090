import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KerioError } from "../../provider/errors";
import type { MailServer } from "../../provider/rename/mail-server";
import { guessProtection, mailboxSize } from "../../provider/rename/preview-facts";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

describe("what the preview of a rename tells", () => {
  let simulator: Simulator;
  let plugin: Provider;

  beforeAll(async () => {
    simulator = await stage();
    plugin = provider(settingsOf(simulator));
  });
  afterAll(async () => {
    await plugin?.close();
    await simulator?.stop();
  });

  it("who bears the new name, where that person's own rename was refused before", async () => {
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    const other = provider(settingsOf(simulator));
    const ask = (from: string, to: string, fromId: string) =>
      other.coordinator.checkRename({ domain, from, to, fromId });
    const second = () => ask("jdoe", "asmith", jdoe);
    expect(await second()).toMatchObject({ refusals: [], warnings: [expect.stringContaining("asmith@example.com")] });
    expect((await ask("asmith", "Asmith", asmith)).refusals).toHaveLength(1);
    expect((await second()).refusals).toEqual([expect.stringMatching(/^asmith@example\.com is the account of/)]);
    expect((await ask("asmith", "bsmith", asmith)).refusals).toEqual([]);
    expect((await second()).refusals).toEqual([]);
    await other.close();
  });

  it("that the old name is not to be an extra address beside the alias that the rename leaves", async () => {
    const ask = async (more: object) =>
      (await plugin.coordinator.checkRename({ domain, from: "jdoe", to: "jsmith", ...more })).refusals;
    const twice = [expect.stringMatching(/^emailAddresses lists jdoe, the old name.*keepOldAddress: false/)];
    expect(await ask({ emailAddresses: ["j.d", "jdoe"] })).toEqual(twice);
    expect(await ask({ emailAddresses: ["j.d", "jdoe"], keepOldAddress: true })).toEqual(twice);
    expect(await ask({ emailAddresses: ["j.d", "jdoe"], keepOldAddress: false })).toEqual([]);
    expect(await ask({ emailAddresses: ["j.d"] })).toEqual([]);
    const declared = { emailAddresses: ["jdoe"] };
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"), { declared });
    await expect(plugin.coordinator.create(request)).rejects.toThrow(/lists jdoe, the old name.*RENAME_REFUSED/s);
  });

  it("the size of the mailbox, and lists that hold the address as text", async () => {
    const { adminCall } = simulator;
    const { list: lists } = await adminCall<{ list: { id: string }[] }>("MailingLists.get", {
      query: {},
      domainId: (await plugin.server.inventory.domain(domain)).id,
    });
    const member = { hasId: false, userId: "", emailAddress: `jdoe@${domain}`, fullName: "", kind: "Member" };
    await adminCall("MailingLists.addMlUserList", { mlId: lists[0]?.id, members: [member] });
    const calls = (await simulator.control.calls()).length;
    const findings = await plugin.coordinator.checkRename({
      domain,
      from: "jdoe",
      to: "jsmith",
      fromId: await idOf(simulator, "jdoe"),
    });
    expect(findings.refusals).toEqual([]);
    expect(findings.explanation).toContain("the mailbox (3 items");
    expect(findings.warnings.join("\n")).toContain(`The mailing list(s) news hold jdoe@${domain} as text`);
    const asked = (await simulator.control.calls()).slice(calls).map(({ method }) => method);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((method) => !/\.(get|find|list|whoAmI|login)/.test(method))).toEqual([]);
  });

  it("that mail to the old address is returned, unless the user keeps that address", async () => {
    const rename = { domain, from: "jdoe", to: "jsmith", fromId: await idOf(simulator, "jdoe"), keepOldAddress: false };
    const told = async (emailAddresses: string[]) =>
      (await plugin.coordinator.checkRename({ ...rename, emailAddresses })).explanation;
    expect(await told(["j.d"])).toContain("leave no alias, so mail to jdoe@example.com will be returned");
    const kept = await told(["j.d", "jdoe"]);
    expect(kept).toContain("leave no alias: jdoe@example.com is one of the addresses that the program gives");
    expect(kept).not.toContain("returned");
  });
});

it("says what a mailbox holds where the server tells it", () => {
  const user = { id: "u", loginName: "jdoe" };
  expect(mailboxSize({ ...user, consumedItems: 1, consumedSize: { value: 3, units: "GigaBytes" } })).toBe(
    "1 item, 3 GB",
  );
  expect(mailboxSize(user)).toBeUndefined();
});

describe("protection against guessed passwords", () => {
  const rename = { domain, from: "jdoe", to: "jsmith" };
  const serverWith = (securityPolicy: () => Promise<object>) =>
    ({ inventory: { securityPolicy } }) as unknown as MailServer;

  it("is told where it is on", async () => {
    const on = serverWith(() => Promise.resolve({ antiHammering: { isEnabled: true } }));
    expect(await guessProtection(on, rename)).toEqual([expect.stringContaining(`signing in as jdoe@${domain}`)]);
  });

  it("is no reason to refuse where the login may not see it, and hides no other failure", async () => {
    const failing = (code: "API_REFUSED" | "CONNECTION_FAILED") =>
      serverWith(() => Promise.reject(new KerioError(code, { object: "o", doing: "d", happened: "h" })));
    expect(await guessProtection(failing("API_REFUSED"), rename)).toEqual([]);
    await expect(guessProtection(failing("CONNECTION_FAILED"), rename)).rejects.toThrow("h");
  });
});
