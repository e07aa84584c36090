import { afterAll, beforeAll, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { removeAccount } from "./meddle";
import { domain, idOf, madeAtFirstUse, newcomer, provider, settingsOf, stage } from "./stage";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await stage({ switches: { ...madeAtFirstUse, "dangling-references": "by-name" } });
});
afterAll(() => simulator?.stop());

it("a newcomer whom the server takes for a former account of the name is told its groups", async () => {
  const userId = await idOf(simulator, "asmith");
  const { groups } = await simulator.control.truth();
  const groupId = groups.find((group) => group["name"] === "staff")?.["id"];
  await simulator.adminCall("Groups.addMemberList", { groupId, userList: [userId] });
  await removeAccount(simulator, userId, { method: "UDeleteUser" });
  const plugin = provider(settingsOf(simulator));
  const { notes } = await plugin.coordinator.create(newcomer("asmith"));
  await plugin.close();
  expect(notes).toEqual([expect.stringContaining(`asmith@${domain} in the groups staff from the start`)]);
});
