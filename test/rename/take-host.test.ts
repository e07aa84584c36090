import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls, takeSeat } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, seatsForAll, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close();
  await simulator?.stop();
});

it("a server whose users change all the time keeps nobody from holding the host", { timeout: 90_000 }, async () => {
  simulator = await stage({ switches: { "start-delay-ms": "100", "stop-delay-ms": "30", ...seatsForAll } });
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

it(
  "two stacks that rename at once both end well, one after the other, which it names",
  { timeout: 90_000 },
  async () => {
    simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
    await simulator.deliver({ to: `asmith@${domain}`, subject: "hers" });
    const stacks = ["stack dev", "stack prod"].map((caller) => {
      const { server, ...rest } = provider(settingsOf(simulator));
      return { ...rest, server: Object.assign(server, { caller }) };
    });
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    const requests = [renameRequest("jdoe", "jsmith", jdoe), renameRequest("asmith", "bsmith", asmith)];
    await Promise.all(stacks.map(({ coordinator }, index) => coordinator.create(requests[index]!)));
    const waited = stacks.map(({ lines }) => {
      const named = lines.flatMap((line) => /^Waiting for .* pid \d+, (stack \w+), which holds/.exec(line)?.[1] ?? []);
      return [...new Set(named)];
    });
    await Promise.all(stacks.map(({ close }) => close()));
    expect([
      [["stack prod"], []],
      [[], ["stack dev"]],
    ]).toContainEqual(waited);
    const { names, directories } = await picture(simulator);
    expect(names).toEqual(["bsmith", "jsmith"]);
    expect(directories).toMatchObject({ bsmith: { messages: 1 }, jsmith: { messages: 3 } });
    expect(await simulator.control.downtimes()).toHaveLength(2);
  },
);
