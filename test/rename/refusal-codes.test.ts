import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { idOf, newcomer, provider, renameRequest, seatsForAll, settingsOf, stage } from "./stage";

let simulator: Simulator;
afterEach(() => simulator?.stop());

const inWords = { "refusal-texts": "with-parameters" };
const codes = ["user-taken-code", "invalid-name-code", "password-refused-code", "unknown-id-code"];

// 1003 is what a licence without a free seat gives, and in a client's table what is forbidden: it must not be believed.
it.each([
  ["1000", "call"],
  ["1001", "items"],
  ["1003", "call"],
])("whatever the code is, and wherever it stands, each is told the server's own words: %s, %s", async (code, place) => {
  const other = { "longest-login-name": "8", "bulk-refusals": place, ...inWords, ...seatsForAll };
  simulator = await stage({ switches: { ...Object.fromEntries(codes.map((name) => [name, code])), ...other } });
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const pattern = { passwordComplexityEnabled: true };
  await simulator.adminCall("Domains.set", { domainIds: list.map(({ id }) => id), pattern });
  const plugin = provider(settingsOf(simulator));
  const results = await Promise.allSettled([
    plugin.coordinator.create(renameRequest("jdoe", "jonathan.doe", await idOf(simulator, "jdoe"))),
    plugin.coordinator.create(newcomer("margaret.smith")),
    plugin.coordinator.create(newcomer("bjones", { password: "short" })),
    plugin.coordinator.create(newcomer("cjones")),
  ]);
  await plugin.close();

  const told = results.map((result) => (result.status === "rejected" ? String(result.reason) : result.status));
  expect(told).toEqual([
    expect.stringMatching(/Login name jonathan\.doe contains invalid characters.*RENAME_ROLLED_BACK/s),
    expect.stringMatching(/margaret\.smith@example\.com.*Login name margaret\.smith contains invalid.*API_REFUSED/s),
    expect.stringMatching(/bjones@example\.com.*Password must be at least 8 characters.*API_REFUSED/s),
    "fulfilled",
  ]);
  expect(told.join()).not.toContain("no seat is free");
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "cjones", "jdoe"]);
  expect(after.directories).toHaveProperty("jdoe");
  expect(after.account("jdoe")).toMatchObject({ enabled: true, description: "accounting" });
});

it("a rename that is refused keeps no other back where the server refuses both for it", async () => {
  simulator = await stage({ switches: { "longest-login-name": "8", "bulk-refusals": "call", ...inWords } });
  const plugin = provider(settingsOf(simulator));
  const [refused, renamed] = await Promise.allSettled([
    plugin.coordinator.create(renameRequest("jdoe", "jonathan.doe", await idOf(simulator, "jdoe"))),
    plugin.coordinator.create(renameRequest("asmith", "anne", await idOf(simulator, "asmith"))),
  ]);
  await plugin.close();
  expect(String((refused as PromiseRejectedResult).reason)).toMatch(
    /Login name jonathan\.doe contains invalid.*ROLLED/s,
  );
  expect(renamed).toMatchObject({ status: "fulfilled", value: { address: "anne@example.com" } });
  expect((await picture(simulator)).names).toEqual(["anne", "jdoe"]);
});
