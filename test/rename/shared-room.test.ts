import { afterAll, beforeAll, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { idOfDomain } from "./crowd";
import { idOf, provider, renameRequest, seatsForAll, settingsOf, stage } from "./stage";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20", ...seatsForAll } });
});
afterAll(() => simulator?.stop());

it("people who share a room keep it when all of them are renamed at once", { timeout: 90_000 }, async () => {
  const domainId = await idOfDomain(simulator);
  const names = ["ann", "ben", "cat", "dan", "eve"];
  const users = names.map((loginName) => ({ domainId, loginName, isEnabled: true, password: "Orchard.7.Gate" }));
  await simulator.adminCall("Users.create", { users });
  const ids = await Promise.all(names.map((name) => idOf(simulator, name)));
  const resourceUsers = ids.map((id, index) => ({ type: "UserPrincipal", id, name: names[index] }));
  await simulator.adminCall("Resources.create", {
    resources: [{ domainId, name: "hall", type: "Room", resourceUsers }],
  });

  const plugin = provider(settingsOf(simulator));
  const renames = names.map((name, index) => plugin.coordinator.create(renameRequest(name, `${name}b`, ids[index])));
  const results = await Promise.all(renames);
  await plugin.close();

  const { list } = await simulator.adminCall<{ list: { name: string; resourceUsers: { id: string }[] }[] }>(
    "Resources.get",
    { query: {}, domainId },
  );
  const holders = list.find(({ name }) => name === "hall")?.resourceUsers.map(({ id }) => id);
  expect(holders?.sort()).toEqual(results.map(({ userId }) => userId).sort());
});
