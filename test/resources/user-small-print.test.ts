import { describe, expect, it } from "vitest";
import type { Context } from "../../provider/dynamic/lifecycle";
import { Memory } from "../../provider/dynamic/memory";
import { createUser } from "../../provider/resources/user-create";
import { applied, PartialFailure, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage({ ssh: false });
const { domain, nextRun, account } = stage;

const person = (name: string, more: Props = {}): Props => ({ domain, name, logicalName: name, ...more });

it("a password that was taken is not sent again when what came with it was refused", async () => {
  const { simulator, domainId } = stage;
  await simulator.adminCall("Domains.set", { domainIds: [domainId], pattern: { passwordHistoryCount: 3 } });
  const declared = person("jdoe", { password: "Orchard.7.Gate", contact: { firstName: "J" } });
  const made = await applied(stage.plugin, "user", undefined, declared);
  await nextRun();
  const next = { ...declared, password: "Meadow.8.Fence", contact: { firstName: "K" } };
  const { inputs } = await stage.plugin.check("user", made.inputs, next);
  await simulator.control.fault("refuse", { method: "Users.setPersonalContact", code: 1000, message: "no", times: 1 });
  const failure = await stage.plugin.update("user", made.id, made.outs, inputs).then(
    () => undefined,
    (error: unknown) => error as PartialFailure,
  );
  expect(failure).toBeInstanceOf(PartialFailure);
  expect(failure?.properties).toMatchObject({ password: next.password, contact: { firstName: "J" } });
  expect((await simulator.control.login("jdoe", next.password)).ok).toBe(true);
  await nextRun();
  const stored = failure?.properties ?? {};
  expect(await stage.plugin.update("user", made.id, stored, inputs)).toMatchObject({ contact: { firstName: "K" } });
});

it("groups, addresses and access policies have no letter case", async () => {
  const { simulator, domainId } = stage;
  const named = (name: string) => ({ domainId, name });
  await simulator.adminCall("Groups.create", { groups: [named("Sales"), named("Books")] });
  await simulator.adminCall("AccessPolicy.createGroupList", { groups: [{ name: "Kiosk" }] });
  const more = { groups: ["sales", "SALES", "books"], accessPolicy: "kiosk", emailAddresses: ["Jo"] };
  const declared = person("jsmith", more);
  const made = await applied(stage.plugin, "user", undefined, declared);
  await nextRun();
  const { props, inputs } = await stage.plugin.read("user", made.id, made.outs);
  expect(inputs).toMatchObject({ groups: ["sales", "books"], accessPolicy: "kiosk", emailAddresses: ["jo"] });
  const changed = await applied(stage.plugin, "user", { ...made, outs: props }, { ...declared, groups: ["BOOKS"] });
  expect(changed.outs["groups"]).toEqual(["BOOKS"]);
});

it("goes although what a refresh has seen of it is nothing that a program may declare", async () => {
  const made = await applied(stage.plugin, "user", undefined, person("oddly", { forwarding: "none" }));
  const seen = { ...made.outs, forwarding: { to: ["boss@mail_gw.example.com"], keepCopy: true } };
  await nextRun();
  await stage.plugin.delete("user", made.id, seen);
  expect(await account("oddly")).toBeUndefined();
});

it("of a domain that was removed on the server nothing is forgotten, and it is told how to leave the state", async () => {
  const { simulator } = stage;
  const org = "example.org";
  const { result } = (await simulator.adminCall("Domains.create", { domains: [{ name: org }] })) as {
    result: { id: string }[];
  };
  const made = await applied(stage.plugin, "user", undefined, person("jdoe", { domain: org }));
  const { id: userId } = made;
  const removal = {
    userId,
    method: "UDeleteUser",
    removeReferences: false,
    targetUserId: "",
    mode: "DSModeDeactivate",
  };
  await simulator.adminCall("Users.remove", { requests: [removal] });
  await simulator.adminCall("Domains.remove", { domainIds: [result[0]?.id] });
  for (const ask of ["read", "delete"] as const) {
    await nextRun();
    await expect(stage.plugin[ask]("user", made.id, made.outs)).rejects.toThrow(
      /domain example\.org.*has: example\.com.*pulumi state delete <urn>.*NOT_FOUND/s,
    );
  }
});

describe("an account that the server has made otherwise than it was asked to", () => {
  const created = (row: object) => {
    const result = { userId: "7", address: "jdoe@example.com", mailboxPath: "/store/jdoe", notes: [] };
    const coordinator = { create: () => Promise.resolve(result), patiently: (ask: () => unknown) => ask() };
    const inventory = { users: () => Promise.resolve([{ id: "7", loginName: "jdoe", ...row }]) };
    const context: Context = {
      memory: new Memory(),
      log: { info: () => {}, warn: () => {}, progress: () => {} },
      server: () => ({ coordinator, inventory }) as unknown as ReturnType<Context["server"]>,
    };
    return createUser(context, person("jdoe", { enabled: false, fullName: "J. Doe", password: "x" }));
  };

  it("is stored as it is, and told", async () => {
    await expect(created({ isEnabled: true, fullName: "J. Doe" })).rejects.toMatchObject({
      name: "Unfinished",
      id: "7",
      properties: { enabled: true, fullName: "J. Doe", userId: "7" },
      reasons: [
        expect.stringMatching(/jdoe@example\.com.*changing enabled .* holds other values: enabled is true, not false/s),
      ],
    });
  });

  it("is done where all is as declared, or tidied, or not told", async () => {
    expect((await created({ isEnabled: false })).id).toBe("7");
    expect((await created({ isEnabled: false, fullName: " J. Doe\r\n" })).id).toBe("7");
  });
});
