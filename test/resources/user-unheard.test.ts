import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Properties } from "../../provider/dynamic/lifecycle";
import { KerioError } from "../../provider/errors";
import { createUser } from "../../provider/resources/user-create";
import { diffUser } from "../../provider/resources/user-diff";
import { readUserState } from "../../provider/resources/user-read";
import { updateUser } from "../../provider/resources/user-update";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls } from "../rename/meddle";
import { domain, idOf, stage } from "../rename/stage";
import { pluginContexts } from "./plugin-context";

let simulator: Simulator;
let oldId: string;

/** A rename as the engine asks for it. */
const renamed = (from: string, to: string, renamedFromId: string): Properties => ({
  domain,
  name: to,
  renamedFrom: from,
  renamedFromId,
  previousNames: [from],
  logicalName: to,
});
const oldHalf = (): Properties => ({ domain, name: "jdoe", userId: oldId, managed: [], logicalName: "jsmith" });

beforeEach(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
  oldId = await idOf(simulator, "jdoe");
  // The engine never hears of it.
  await createUser(next(), renamed("jdoe", "jsmith", oldId));
});
afterEach(() => simulator.stop());
const next = pluginContexts(() => simulator);

describe("a rename that the engine has not heard of", { timeout: 120_000 }, () => {
  it("gets its password in the update after the refresh, though another rename comes first", async () => {
    const { id = "", props = {}, inputs = {} } = await readUserState(next(), oldId, oldHalf());
    const context = next();
    await diffUser(context, id, props, inputs);
    await createUser(context, renamed("asmith", "bsmith", await idOf(simulator, "asmith")));
    const { outs } = await updateUser(context, id, props, inputs);
    const password = String(outs["initialPassword"]);
    expect(await simulator.control.login(`jsmith@${domain}`, password)).toMatchObject({ ok: true });
  });

  it("is found by a refresh although another run has the server away", async () => {
    const context = next();
    let lists = 0;
    aroundCalls(context.server("").client, async ({ method }, call) => {
      if (method === "Users.get" && ++lists === 2)
        throw new KerioError("CONNECTION_FAILED", { object: "server", doing: "asking", happened: "nobody is there" });
      return call();
    });
    expect((await readUserState(context, oldId, oldHalf())).props).toMatchObject({ name: "jsmith", unfinished: true });
    expect(lists).toBeGreaterThan(2);
  });
});
