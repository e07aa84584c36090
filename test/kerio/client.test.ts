import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { KerioClient } from "../../provider/kerio/client";
import { listDomains } from "../../provider/kerio/methods/domains";
import { createUsers, listUsers } from "../../provider/kerio/methods/users";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { apiSettings, countCalls } from "./stand-in";

let server: Simulator;
let client: KerioClient;
let domainId: string;

beforeAll(async () => {
  server = await startSimulator();
  client = new KerioClient(apiSettings(server));
  domainId = (await listDomains(client))[0]?.id ?? "";
});

afterEach(() => server.control.clearFaults());

afterAll(async () => {
  await client.logout();
  await server.stop();
});

async function names(): Promise<string[]> {
  return (await server.control.truth()).accounts.map(({ name }) => name);
}

const whoAmI = { method: "Session.whoAmI", reply: z.object({}), doing: "asking", object: "server" };

/** Calls that are given up may reach the server late, and must not meet there what another test has laid out. */
const outOfTime = { ...whoAmI, method: "Version.getProductVersion" };
const cutShort = { ...whoAmI, method: "Version.getApiVersion" };

describe("the session", () => {
  it("is one for many calls that begin together", async () => {
    const before = await countCalls(server, "Session.login");
    const other = new KerioClient(apiSettings(server));
    await Promise.all([listDomains(other), listDomains(other), listUsers(other, { domainId })]);
    await other.logout();
    expect(await countCalls(server, "Session.login")).toBe(before + 1);
  });

  it("is renewed when it has expired, and a write is done once", async () => {
    await server.control.fault("expire-session", { method: "Users.create", times: 1 });
    const result = await createUsers(client, [{ domainId, loginName: "expired", password: "Planted-1" }]);
    expect(result).toMatchObject([{ ok: true }]);
    expect((await names()).filter((name) => name === "expired")).toHaveLength(1);
  });

  it("is not renewed for a call that forbids it, nor begun", async () => {
    await client.login();
    await server.control.fault("expire-session", { method: "Session.whoAmI", times: 1 });
    const bound = { ...whoAmI, relogin: false };
    await expect(client.call(bound)).rejects.toMatchObject({ code: "SESSION_EXPIRED", outcome: "rejected" });
    await expect(client.call(bound)).rejects.toMatchObject({ code: "SESSION_EXPIRED" });
    await client.login();
    expect(await client.call(bound)).toEqual({});
  });

  it("ends in an error when it expires right after the login", async () => {
    await server.control.fault("expire-session", { method: "Session.whoAmI", times: 2 });
    await expect(client.call(whoAmI)).rejects.toMatchObject({
      code: "SESSION_EXPIRED",
      message: expect.stringContaining("kerio:username has administration rights"),
    });
  });

  it("is begun anew after forget", async () => {
    await client.login();
    const before = await countCalls(server, "Session.login");
    client.forget();
    await client.call(whoAmI);
    expect(await countCalls(server, "Session.login")).toBe(before + 1);
  });
});

describe("a refused login", () => {
  it("is asked once, and names settings and cure but no password", async () => {
    const before = await countCalls(server, "Session.login");
    const stranger = new KerioClient(apiSettings(server, { password: "planted-wrong", name: "west" }));
    const attempts: PromiseSettledResult<unknown>[] = await Promise.allSettled([
      listDomains(stranger),
      listDomains(stranger),
    ]);
    attempts.push(...(await Promise.allSettled([stranger.login(), listDomains(stranger)])));
    for (const attempt of attempts) {
      const error = (attempt as PromiseRejectedResult).reason as Error;
      expect(error).toMatchObject({ code: "AUTH_REFUSED", outcome: "rejected" });
      expect(error.message).toContain("kerio:servers.west.password");
      expect(error.message).toContain("pulumi refresh --run-program");
      expect(JSON.stringify(error)).not.toContain("planted-wrong");
    }
    expect(await countCalls(server, "Session.login")).toBe(before + 1);
  });
});

describe("a login without the right to administer", () => {
  it("is refused with the role that it needs, not as a wrong password", async () => {
    const fault = { method: "Session.login", times: 1, code: 1004, message: "Insufficient rights." };
    await server.control.fault("refuse", fault);
    const error = await new KerioClient(apiSettings(server)).login().then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject({ code: "AUTH_REFUSED", outcome: "rejected" });
    expect(error?.message).toContain("the role of a full administrator");
    expect(error?.message).toContain("pulumi refresh --run-program");
    expect(error?.message).not.toContain("Check kerio:username");
  });
});

describe("an answer that is lost", () => {
  it("of a write leaves the outcome unknown, and the write is not repeated", async () => {
    await server.control.fault("drop-after", { method: "Users.create", times: 1 });
    const before = await countCalls(server, "Users.create");
    await expect(createUsers(client, [{ domainId, loginName: "lost", password: "Planted-1" }])).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      outcome: "unknown",
    });
    expect(await countCalls(server, "Users.create")).toBe(before + 1);
    expect(await names()).toContain("lost");
  });

  it("of a write whose request was lost too looks the same", async () => {
    await server.control.fault("drop-before", { method: "Users.create", times: 1 });
    const failed = createUsers(client, [{ domainId, loginName: "never", password: "Planted-1" }]);
    await expect(failed).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect(await names()).not.toContain("never");
  });

  it("of a read is asked for again, a bounded number of times", async () => {
    await server.control.fault("drop-after", { method: "Domains.get", times: 2 });
    expect(await listDomains(client)).toHaveLength(1);
    const before = await countCalls(server, "Domains.get");
    await server.control.fault("drop-after", { method: "Domains.get" });
    await expect(listDomains(client)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect(await countCalls(server, "Domains.get")).toBe(before + 3);
  });

  it("in time ends in a timeout of unknown outcome", async () => {
    await client.login();
    await server.control.fault("delay", { method: outOfTime.method, times: 1, ms: 2000 });
    await expect(client.call({ ...outOfTime, timeout: 0.2 })).rejects.toMatchObject({
      code: "TIMEOUT",
      outcome: "unknown",
    });
  });

  it("because the server gave up is a timeout too: the work may have been done", async () => {
    await server.control.fault("refuse-after", { method: "Users.create", times: 1 });
    await expect(createUsers(client, [{ domainId, loginName: "late", password: "Planted-1" }])).rejects.toMatchObject({
      code: "TIMEOUT",
      outcome: "unknown",
    });
    expect(await names()).toContain("late");
  });

  it("because the caller gave up is a timeout too", async () => {
    await client.login();
    await server.control.fault("delay", { method: cutShort.method, times: 1, ms: 2000 });
    const signal = AbortSignal.timeout(200);
    await expect(client.call({ ...cutShort, signal })).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    await expect(client.call({ ...cutShort, signal })).rejects.toMatchObject({ outcome: "not-sent" });
  });
});

describe("an answer that is not understood", () => {
  it("by its text names the setting of the address", async () => {
    await server.control.fault("http-200-garbage", { method: "Session.whoAmI", times: 1 });
    await expect(client.call(whoAmI)).rejects.toMatchObject({
      code: "UNEXPECTED_REPLY",
      message: expect.stringContaining("kerio:url"),
    });
  });

  it("by its form names the method and the place", async () => {
    const reply = z.object({ userDetails: z.object({ loginName: z.number() }) });
    await expect(client.call({ ...whoAmI, reply })).rejects.toMatchObject({
      code: "UNEXPECTED_REPLY",
      message: expect.stringContaining("Session.whoAmI has an unknown form at result.userDetails.loginName"),
    });
  });

  it("because the server refused carries its code and words", async () => {
    await server.control.fault("refuse", { method: "Session.whoAmI", times: 1, code: 1004, message: "No rights." });
    await expect(client.call(whoAmI)).rejects.toMatchObject({
      code: "API_REFUSED",
      outcome: "rejected",
      facts: { apiCode: 1004, happened: "the server refused: No rights (code 1004)" },
    });
  });
});
