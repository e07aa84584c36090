import { beforeAll, describe, expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain, nextRun, account } = stage;

const person = (name: string, more: Props = {}): Props => ({ domain, name, logicalName: name, ...more });

/** A `create` whose answer nobody heard: the process ends, and the state knows nothing. */
async function unheard(declared: Props): Promise<string> {
  const { id } = await applied(stage.plugin, "user", undefined, declared);
  await nextRun();
  return id;
}

async function byHand(name: string, more: Props = {}): Promise<string> {
  const user = { domainId: stage.domainId, loginName: name, isEnabled: true, password: "Harbour.3.Lamp", ...more };
  const { result } = await stage.simulator.adminCall<{ result: { id: string }[] }>("Users.create", { users: [user] });
  return result[0]?.id ?? "";
}

describe("an account that exists already", () => {
  it("is not ours where its forwarding goes to somebody else too", async () => {
    const emailForwarding = { mode: "UForwardYes", emailAddresses: ["a@example.org", "b@example.org"] };
    await byHand("watched", { emailForwarding });
    const declared = person("watched", { forwarding: { to: ["a@example.org"], keepCopy: false } });
    await expect(applied(stage.plugin, "user", undefined, declared)).rejects.toThrow(/adopt: true/);
    await nextRun();
    await applied(stage.plugin, "user", undefined, { ...declared, adopt: true });
    expect(await account("watched")).toMatchObject({ emailForwarding: { emailAddresses: ["a@example.org"] } });
  });

  it("is not ours where its contact is somebody else's", async () => {
    const id = await byHand("carded");
    const contact = { firstName: "Other", comment: "made by hand" };
    await stage.simulator.adminCall("Users.setPersonalContact", { userIds: [id], contact });
    const declared = person("carded", { contact: { firstName: "C." } });
    await expect(applied(stage.plugin, "user", undefined, declared)).rejects.toThrow(/adopt: true/);
  });

  it("is ours where the run ended before its contact was given, and where it had been", async () => {
    const declared = person("ended", { fullName: "E. Nded", contact: { firstName: "E.", lastName: "Nded" } });
    for (const before of [person("ended", { fullName: "E. Nded" }), declared]) {
      const id = await unheard(before);
      const made = await applied(stage.plugin, "user", undefined, declared);
      expect(made.id).toBe(id);
      await nextRun();
      await stage.plugin.delete("user", made.id, made.outs);
      await nextRun();
    }
  });
});

describe("where the server takes no password twice", () => {
  beforeAll(() =>
    stage.simulator.adminCall("Domains.set", {
      domainIds: [stage.domainId],
      pattern: { passwordHistoryCount: 3 },
    }),
  );

  it("a create whose answer was lost is taken over with its password", async () => {
    const declared = person("once", { password: "Orchard.7.Gate" });
    const id = await unheard(declared);
    const made = await applied(stage.plugin, "user", undefined, declared);
    expect(made.id).toBe(id);
    expect(stage.plugin.ear.text()).toContain("holds the password of that create already");
    expect((await stage.simulator.control.login("once", "Orchard.7.Gate")).ok).toBe(true);
  });

  it("an update whose end nobody heard is taken as done, by what is seen of it", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("twice", { password: "Orchard.7.Gate" }));
    const next = person("twice", { password: "Meadow.8.Fence", fullName: "T. Wice" });
    await nextRun();
    await applied(stage.plugin, "user", made, next);
    await nextRun();
    const again = await applied(stage.plugin, "user", made, next);
    expect(again.outs).toMatchObject({ password: "Meadow.8.Fence", fullName: "T. Wice" });
    expect((await stage.simulator.control.login("twice", "Meadow.8.Fence")).ok).toBe(true);
  });

  it("one of before is refused, with what to do, and nothing else of the update is written", async () => {
    const made = await applied(stage.plugin, "user", undefined, person("back", { password: "Orchard.7.Gate" }));
    await nextRun();
    const other = await applied(stage.plugin, "user", made, person("back", { password: "Meadow.8.Fence" }));
    for (const more of [{}, { fullName: "B. Ack" }]) {
      await nextRun();
      const back = applied(stage.plugin, "user", other, person("back", { password: "Orchard.7.Gate", ...more }));
      await expect(back).rejects.toThrow(/declare another one.*API_REFUSED/s);
    }
    expect(await account("back")).toMatchObject({ fullName: "" });
    expect((await stage.simulator.control.login("back", "Meadow.8.Fence")).ok).toBe(true);
  });

  it("an account to adopt with the password that it has is told what to do", async () => {
    const password = "Orchard.7.Gate";
    await byHand("adopted", { password });
    const adopted = applied(stage.plugin, "user", undefined, person("adopted", { password, adopt: true }));
    await expect(adopted).rejects.toThrow(/leave password out/);
    await nextRun();
    await applied(stage.plugin, "user", undefined, person("adopted", { adopt: true }));
  });
});
