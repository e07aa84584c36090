import { runtime } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context, Properties } from "../../provider/dynamic/lifecycle";
import { checkUser } from "../../provider/resources/user-check";
import { createUser } from "../../provider/resources/user-create";
import { updateUser } from "../../provider/resources/user-update";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "../rename/picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "../rename/stage";
import { pluginContexts } from "./plugin-context";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await stage();
}, 120_000);
afterAll(() => simulator?.stop());
const next = pluginContexts(() => simulator);

const wrong = { groups: ["nogroup", "staff", "staff@example.com"], accessPolicy: "nopolicy" };
const person = (more: Properties = {}): Properties => ({ domain, name: "bdoe", logicalName: "b", ...more });
const every =
  /groups\[0\]: no group "nogroup", groups\[2\]: no group "staff@example\.com", accessPolicy: no access policy "nopolicy".*Groups of example\.com: staff\. Access policies: Default/;

/** A context whose warnings are heard. */
function hearing(change?: Parameters<typeof next>[0]): { context: Context; warnings: string[] } {
  const warnings: string[] = [];
  const context = next(change);
  return { context: { ...context, log: { ...context.log, warn: (text) => void warnings.push(text) } }, warnings };
}

async function countCalls(): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { method } of await simulator.control.calls()) counted[method] = (counted[method] ?? 0) + 1;
  return counted;
}

describe("groups and an access policy that the server does not have", () => {
  it("are warned of by the preview, all at once, with one list each for all users", async () => {
    const { context, warnings } = hearing();
    const before = await countCalls();
    for (const name of ["bdoe", "cdoe"]) {
      const { failures } = await checkUser(context, {}, person({ name, logicalName: name, ...wrong }));
      expect(failures).toEqual([]);
    }
    expect(warnings).toEqual([expect.stringMatching(/^bdoe@/), expect.stringMatching(/^cdoe@/)]);
    for (const warning of warnings) expect(warning).toMatch(every);
    const after = await countCalls();
    for (const method of ["Groups.get", "AccessPolicy.getGroupList"])
      expect((after[method] ?? 0) - (before[method] ?? 0)).toBe(1);
  });

  it("are not asked about where none is declared, none is known, or nothing of them changes", async () => {
    const { context, warnings } = hearing();
    const before = await countCalls();
    await checkUser(context, {}, person());
    await checkUser(context, {}, person({ groups: [], accessPolicy: runtime.unknownValue }));
    await checkUser(context, person(wrong), person({ ...wrong, fullName: "B. Doe" }));
    expect(warnings).toEqual([]);
    const after = await countCalls();
    for (const method of ["Groups.get", "AccessPolicy.getGroupList"]) expect(after[method]).toBe(before[method]);
  });

  it("are warned of where a known user, or a renamed one, comes to name them", async () => {
    for (const [olds, news] of [
      [person({ groups: ["staff"] }), person(wrong)],
      [person({ name: "jdoe" }), person(wrong)],
    ] as const) {
      const { context, warnings } = hearing();
      expect((await checkUser(context, olds, news)).failures).toEqual([]);
      expect(warnings).toContainEqual(expect.stringMatching(every));
    }
  });

  it("are no reason to fail where the server cannot be asked", async () => {
    const { context, warnings } = hearing();
    for (const method of ["Groups.get", "AccessPolicy.getGroupList"])
      await simulator.control.fault("refuse", { method, times: 1, code: 1000, message: "No." });
    const { failures } = await checkUser(context, person(), person(wrong));
    expect({ failures, warnings }).toEqual({ failures: [], warnings: [] });
    await simulator.control.clearFaults();
    const unset = { ...context, server: () => expect.fail("CONFIG_INVALID") };
    expect((await checkUser(unset, person(), person(wrong))).failures).toEqual([]);
  });

  it("are told by the update all at once: of a new user, a change, and a rename", async () => {
    await expect(createUser(next(), person(wrong))).rejects.toThrow(every);
    const known = { ...person({ name: "asmith" }), userId: await idOf(simulator, "asmith"), managed: [] };
    const change = updateUser(next(), known.userId, known, person({ name: "asmith", ...wrong }));
    await expect(change).rejects.toThrow(every);
    const { coordinator, close } = provider(settingsOf(simulator));
    const request = renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe"), wrong);
    await expect(coordinator.create(request)).rejects.toThrow(every);
    await close();
    expect((await picture(simulator)).names).toEqual(["asmith", "jdoe"]);
  });
});
