import { renameSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { UserRequest } from "../../provider/rename/user-request";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let request: UserRequest;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close();
  await simulator?.stop();
});

/** A rename with somebody who does something just after a step. */
async function renameWhile(step: string, act: () => unknown) {
  let done = false;
  const after = async (here: string) => {
    if (here === step && !done) await ((done = true), act());
  };
  plugin = provider(settingsOf(simulator), { hooks: { before: () => {}, after } });
  request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"));
  const told = await plugin.coordinator.create(request).then(
    ({ notes }) => ({ notes, error: "" }),
    (error: unknown) => ({ notes: [], error: String(error) }),
  );
  expect(done).toBe(true);
  return told;
}

/** The next update. */
const again = async () => plugin.coordinator.finishOpen(await idOf(simulator, "jsmith"), request, false);

async function idIn(kind: "groups" | "mailingLists" | "resources", name: string): Promise<unknown> {
  return (await simulator.control.truth())[kind].find((row) => row.name === name)?.id;
}

const place = (...path: string[]) => join(simulator.info.store, "mail", domain, ...path);

it("tells that the mailbox is not where it was moved to, until it is there again", async () => {
  simulator = await stage();
  const away = join(simulator.info.store, "kept");
  const { error, notes } = await renameWhile("remove-old", () => renameSync(place("jsmith"), away));
  expect(error).toMatch(/RENAME_OPEN/);
  expect(error).toMatch(/the moved mailbox \(inode \d+\) does not lie in \S+\/jsmith any more/);
  expect(error).not.toContain("is in use. Correct");
  expect(notes).toEqual([]);
  await expect(again()).rejects.toThrow(/does not lie in/);
  rmSync(place("jsmith"), { recursive: true, force: true });
  renameSync(away, place("jsmith"));
  expect(await again()).toMatchObject({ address: `jsmith@${domain}` });
});

it("tells which memberships have gone again, and the next update gives them back", async () => {
  simulator = await stage();
  const was = await picture(simulator);
  const { error } = await renameWhile("remove-old", async () => {
    const userId = await idOf(simulator, "jsmith");
    const manager = { type: "UserPrincipal", id: await idOf(simulator, "asmith"), name: "asmith" };
    const members = [{ hasId: true, userId, emailAddress: "", fullName: "", kind: "Moderator" }];
    const { adminCall } = simulator;
    await adminCall("Groups.removeMemberList", { groupId: await idIn("groups", "staff"), userIds: [userId] });
    await adminCall("MailingLists.removeMlUserList", { mlId: await idIn("mailingLists", "news"), members });
    await adminCall("Resources.set", { resourceIds: [await idIn("resources", "room")], pattern: { manager } });
  });
  expect(error).toMatch(
    /the new account lacks a group or a mailing list; an alias, resource or archive .* does not name/,
  );
  expect((await picture(simulator)).groups).toEqual({ staff: [] });
  await again();
  const now = await picture(simulator);
  expect([was.groups, was.lists, was.managers]).toEqual([
    { staff: ["jdoe"] },
    { news: ["jdoe Moderator"] },
    { room: "jdoe" },
  ]);
  expect([now.groups, now.lists, now.managers]).toEqual([
    { staff: ["jsmith"] },
    { news: ["jsmith Moderator"] },
    { room: "jsmith" },
  ]);
});

it.each(["hold-services", "remove-old"])("misses no group, list or room that is removed after %s", async (step) => {
  simulator = await stage();
  const { error } = await renameWhile(step, async () => {
    const { adminCall } = simulator;
    const groupId = await idIn("groups", "staff");
    await adminCall("Groups.remove", { requests: [{ groupId, mode: "DSModeDeactivate" }] });
    await adminCall("MailingLists.remove", { mlIds: [await idIn("mailingLists", "news")] });
    await adminCall("Resources.remove", { resourceIds: [await idIn("resources", "room")] });
  });
  expect(error).toBe("");
  const { groups, lists, managers } = await picture(simulator);
  expect([groups, lists, managers]).toEqual([{}, {}, {}]);
});

it("notes that the server shows fewer items under the new name, before the old account goes", async () => {
  simulator = await stage({ switches: { "adopted-sizes": "at-once" } });
  const { error, notes } = await renameWhile("hold-services", async () => {
    const [first] = await simulator.control.messages(domain, "jsmith");
    unlinkSync(place("jsmith", first?.folder ?? "", "#msgs", first?.file ?? ""));
  });
  expect(error).toBe("");
  expect(notes).toEqual([
    "Before the old account was removed, the server showed 2 items in the moved mailbox; it had shown 3.",
    "The server does not show the size of the moved mailbox yet.",
  ]);
});
