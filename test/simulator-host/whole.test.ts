import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminCallError } from "../helpers/admin-caller";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { runOnce } from "./ssh-client";

let simulator: Simulator;
let domainId: string;
beforeAll(async () => {
  simulator = await startSimulator();
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  domainId = list[0]?.id ?? "";
});
afterAll(() => simulator?.stop());

const create = (loginName: string) =>
  simulator.adminCall<{ errors: unknown[]; result: { id: string }[] }>("Users.create", {
    users: [{ loginName, domainId, isEnabled: true, password: "Correct-Horse-7" }],
  });

describe("host and engine together", () => {
  it("deliver mail to an account, and the truth shows both", async () => {
    expect((await create("jdoe")).errors).toEqual([]);
    await simulator.deliver({ to: "jdoe@example.com", subject: "First" });
    await expect(simulator.deliver({ to: "nobody@example.com", subject: "Lost" })).rejects.toThrow(/550/);

    expect((await simulator.control.truth()).accounts).toMatchObject([
      { name: "jdoe", domain: "example.com", enabled: true },
    ]);
    expect(await simulator.control.directories("example.com")).toMatchObject([{ name: "jdoe", messages: 1 }]);
    expect(await simulator.control.messages("example.com", "jdoe")).toMatchObject([
      { folder: "INBOX", subject: "First", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(await simulator.control.deliveries()).toHaveLength(1);
    const calls = (await simulator.control.calls()).filter(({ method }) => method === "Users.create");
    expect(JSON.stringify(calls)).not.toContain("Correct-Horse");
    expect(calls).toHaveLength(1);
  });

  it("show a person who logs in the mail of a directory that was renamed under the account's name", async () => {
    const domain = join(simulator.info.store, "mail/example.com");
    const { ino } = statSync(join(domain, "jdoe"));
    await runOnce(simulator.info, "systemctl stop kerio-connect");
    renameSync(join(domain, "jdoe"), join(domain, "jsmith"));
    await runOnce(simulator.info, "systemctl start kerio-connect");
    expect((await create("jsmith")).errors).toEqual([]);
    expect(await simulator.control.login("jsmith", "Correct-Horse-7")).toMatchObject({
      ok: true,
      directory: join(domain, "jsmith"),
      messages: [{ folder: "INBOX", subject: "First" }],
    });
    expect(statSync(join(domain, "jsmith")).ino).toBe(ino);
  });

  it("pass the engine's faults on, also those armed while it was away", async () => {
    const refusal = { method: "Domains.get", code: 4711, message: "Not today", times: 1 };
    const ask = () => simulator.adminCall("Domains.get", { query: {} });
    await simulator.control.fault("refuse", refusal);
    await expect(ask()).rejects.toEqual(new AdminCallError("Domains.get", 4711, "Not today"));
    await ask();

    await simulator.control.command("stop");
    await simulator.control.fault("refuse", refusal);
    await expect(simulator.control.truth()).rejects.toThrow(/the engine is away/);
    await simulator.control.command("start");
    await expect(ask()).rejects.toThrow(/Not today/);
    await simulator.control.command("restart");
    await ask();
    await expect(simulator.control.fault("nonsense" as "refuse")).rejects.toThrow(/there is no fault "nonsense"/);
  });

  it("pass a switch on, now and for every later start", async () => {
    const { accounts } = await simulator.control.truth();
    const id = accounts.find(({ name }) => name === "jsmith")?.id ?? "";
    const setName = () =>
      simulator.adminCall<{ errors: unknown[] }>("Users.set", { userIds: [id], pattern: { loginName: "other" } });
    expect((await setName()).errors).toHaveLength(1);
    await simulator.control.setSwitch("set-login-name", "ignore");
    expect((await setName()).errors).toEqual([]);
    await simulator.control.command("restart");
    expect((await setName()).errors).toEqual([]);
  });
});
