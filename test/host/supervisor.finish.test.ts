import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../provider/log";
import { startSupervisor } from "../../provider/host/supervisor";
import { eventually, FakeHost } from "./fake-host";

const options = { wait: 0, log: silentLogger };
let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  host.service("start");
});
afterEach(() => host.destroy());

describe("the orderly end", () => {
  test("is refused when held services cannot be opened again, and the start is tried on", async () => {
    const supervisor = await startSupervisor(host.session(), host.settings({ heartbeat: 4, startTimeout: 2 }), options);
    await supervisor.hold();
    host.switches({ start_fails: "yes" });
    await expect(supervisor.finish()).rejects.toMatchObject({
      code: "RENAME_REFUSED",
      message: expect.stringContaining("does not run") as string,
    });
    expect(host.locked).toBe(true);
    host.switches({});
    await eventually("the lock is free", () => !host.locked);
    expect(host.running).toBe(true);
  });
});
