import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Context, Properties } from "../../provider/dynamic/lifecycle";
import { createUser } from "../../provider/resources/user-create";
import { deleteUser } from "../../provider/resources/user-delete";
import { readUserState } from "../../provider/resources/user-read";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "../rename/picture";
import { domain, idOf, settingsOf, stage } from "../rename/stage";
import { pluginContexts } from "./plugin-context";

let simulator: Simulator;
let made: { id: string; outs: Properties };

beforeEach(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
  const byHand = { domain, name: "jsmith", renamedFrom: "jdoe", previousNames: ["jdoe"], logicalName: "p" };
  made = await createUser(next(), byHand);
});
afterEach(() => simulator.stop());
const next = pluginContexts(() => simulator);

const states = () =>
  readdirSync(join(simulator.state, "home/.pulumi-kerio/snapshots")).map(
    (file) => /\.(open|closed)\.json$/.exec(file)?.[1],
  );

/** How often a process has asked the mail host for the result of a rename. */
function asked(context: Context) {
  return vi.spyOn(context.server("").coordinator, "heardOf");
}

describe("the result of a rename that renamedFrom has asked for by hand", { timeout: 120_000 }, () => {
  it("is heard when the engine asks for the new account, and closes the snapshot", async () => {
    expect(states()).toEqual(["open"]);
    const state = await readUserState(next(), made.id, made.outs);
    expect(state.props).toEqual(made.outs);
    expect(states()).toEqual(["closed"]);
  });

  it("is heard when the engine has the account removed", async () => {
    await deleteUser(next(), made.id, made.outs);
    expect(states()).toEqual(["closed"]);
    expect((await picture(simulator)).names).toEqual(["asmith"]);
  });

  it("is heard when the account is gone, in a refresh and in a removal", async () => {
    await deleteUser(next(), made.id, { ...made.outs, renamedFrom: undefined });
    expect(states()).toEqual(["open"]);
    await deleteUser(next(), made.id, made.outs);
    expect(states()).toEqual(["closed"]);
  });

  it("is not heard by an engine that may have missed a password", async () => {
    await readUserState(next(), made.id, { ...made.outs, unfinished: true });
    expect(states()).toEqual(["open"]);
  });

  it("is asked for by nobody whom no rename has led to, and a silent host is a warning", async () => {
    const context = next();
    const look = asked(context);
    const asmith = { domain, name: "asmith", managed: [], logicalName: "a" };
    await readUserState(context, await idOf(simulator, "asmith"), asmith);
    expect(look).not.toHaveBeenCalled();

    const { ssh } = settingsOf(simulator);
    const silent = next({ ssh: ssh && { ...ssh, port: 1 } });
    const warn = vi.spyOn(silent.log, "warn");
    for (let times = 0; times < 2; times++) expect((await readUserState(silent, made.id, made.outs)).id).toBe(made.id);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(states()).toEqual(["open"]);
  });
});
