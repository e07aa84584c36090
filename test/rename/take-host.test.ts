import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls, takeSeat } from "./meddle";
import { picture } from "./picture";
import { idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close();
  await simulator?.stop();
});

it("a server whose users change all the time keeps nobody from holding the host", { timeout: 90_000 }, async () => {
  simulator = await stage({ switches: { "start-delay-ms": "100", "stop-delay-ms": "30" } });
  let isQuiet = false;
  const before = (step: string) => void (isQuiet ||= step === "write-snapshot");
  plugin = provider(settingsOf(simulator), { hooks: { before, after: () => {} } });
  const jdoe = await idOf(simulator, "jdoe");
  let made = 0;
  aroundCalls(plugin.server.client, async ({ method }, call) => {
    if (method === "Users.get" && !isQuiet) await takeSeat(simulator, `new${++made}`);
    return call();
  });
  await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
  expect(made).toBeGreaterThan(1);
  const { names, directories } = await picture(simulator);
  expect(names).toContain("jsmith");
  expect(directories.jsmith?.messages).toBe(3);
});
