import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { domain, idOf, madeAtFirstUse, provider, renameRequest, settingsOf, stage } from "./stage";

let simulator: Simulator;
afterEach(() => simulator?.stop());

/** Renames somebody whose name was given with capitals, and who has mail. */
async function rename(directoryCase: string): Promise<{ error: unknown; before: string[]; after: string[] }> {
  simulator = await stage({ switches: { ...madeAtFirstUse, "directory-case": directoryCase } });
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  const person = { domainId: list[0]?.id, loginName: "MJones", isEnabled: true, password: "Harbour.3.Lamp" };
  await simulator.adminCall("Users.create", { users: [person] });
  await simulator.deliver({ to: `mjones@${domain}`, subject: "one" });
  const directories = async () => Object.keys((await picture(simulator)).directories).sort();
  const before = await directories();
  const plugin = provider(settingsOf(simulator));
  const request = renameRequest("mjones", "msmith", await idOf(simulator, "MJones"));
  const error: unknown = await plugin.coordinator.create(request).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await plugin.close();
  return { error, before, after: await directories() };
}

it("a mailbox in small letters moves, however the account's name is written", async () => {
  const { error, after } = await rename("lower");
  expect(error).toBeUndefined();
  expect(after).toEqual(["jdoe", "msmith"]);
});

it("a mailbox that is written with capitals is refused before anything is touched", async () => {
  const { error, before, after } = await rename("as-given");
  expect(error).toMatchObject({ code: "RENAME_REFUSED" });
  expect(String(error)).toMatch(/is written MJones in the store; rename this account by the vendor's manual procedure/);
  expect(before).toContain("MJones");
  expect(after).toEqual(before);
});
