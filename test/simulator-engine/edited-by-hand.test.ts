import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { configFiles } from "../simulator/engine/config-files";
import { loadState, saveState } from "../simulator/engine/state-storage";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

/** Stops the engine, edits what it has written of its accounts, and starts it. */
function edit(change: (text: string) => string): string {
  const { programDir, state } = bare.engine;
  const { users } = configFiles(programDir);
  saveState(programDir, state);
  const text = readFileSync(users, "utf8");
  writeFileSync(users, change(text));
  Object.assign(state, loadState(programDir));
  return text;
}

const setPassword = async (id: string, password: string) =>
  (await bare.call("Users.set", { userIds: [id], pattern: { password } })).errors.length === 0;

it("a history of passwords is written as published, and may be emptied", async () => {
  await bare.call("Domains.set", { domainIds: [bare.domain], pattern: { passwordHistoryCount: 3 } });
  const { id } = await bare.user("jdoe", { password: "first" });
  await setPassword(id, "second");
  const history = /<variable name="PasswordHistory">([^<]*)</;
  const [, written] = history.exec(edit((text) => text)) ?? [];
  expect(written).toMatch(/^SHA:[0-9a-f]{56};SHA:[0-9a-f]{56}$/);
  expect(await setPassword(id, "first")).toBe(false);
  edit((text) => text.replace(history, '<variable name="PasswordHistory"><'));
  expect(await setPassword(id, "first")).toBe(true);
});

it("a structure that is emptied is as in a new account", async () => {
  const { id } = await bare.user("jdoe", { itemLimit: { isActive: true, limit: 5 } });
  edit((text) => text.replace(/(<variable name="ItemLimit">)[^<]*/, "$1"));
  expect(bare.engine.user(id)?.itemLimit.isActive).toBe(false);
});

it("a password that another server has made reversible fits nothing, and the login is refused as any", async () => {
  await bare.user("jdoe", { password: "first" });
  for (const hex of ["00112233445566778899aabbccddeeff", "0011", "no hex"]) {
    edit((text) => text.replace(/(<variable name="Password">)[^<]*/, `$1D3S:${hex}`));
    const application = { name: "", vendor: "", version: "" };
    const login = bare.call("Session.login", { userName: "jdoe", password: "first", application });
    await expect(login).rejects.toThrow("Username or password is not correct");
  }
});
