import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { interfaces } from "../simulator/engine/rpc/interfaces";
import { storeMessage } from "../simulator/engine/mailbox";
import { loadState, saveState } from "../simulator/engine/state-storage";
import { BareEngine, CallRefused } from "./bare-engine";
import { places, replaced } from "./damaged";
import { recordedShapes } from "./recorded-shapes";
import { setUpShapes } from "./recorded/set-up";
import type { Known, RecordedShape } from "./recorded/shape";

let bare: BareEngine;
let spare: Known["spare"];
beforeAll(async () => {
  bare = new BareEngine({}, "demo");
  const { engine } = bare;
  const domain = engine.primaryDomain!;
  engine.uploads.set("file", Buffer.from("Name;Password\nimported;Xk7-pretty-long\n"));
  storeMessage(engine.publicFolder(domain, "Info"), Buffer.from("x"));
  storeMessage(engine.publicFolder(domain, "People"), Buffer.from("x"), { itemClass: "IPM.Contact" });
  spare = {
    userId: (await bare.user("spare")).id,
    aliasId: await bare.idOf("Aliases", { name: "spare.alias", deliverTo: "jdoe" }),
    groupId: await bare.idOf("Groups", { name: "spare.group" }),
    listId: await bare.idOf("MailingLists", { name: "spare.list" }),
    resourceId: await bare.idOf("Resources", { name: "spare.room" }),
  };
});
afterAll(() => bare.remove());

function known(): Known {
  const { domains, users, groups, lists, resources, services } = bare.engine.state;
  const id = (rows: { id: string }[]) => rows[0]?.id ?? "";
  return {
    domainId: id(domains),
    userId: id(users),
    groupId: id(groups),
    listId: id(lists),
    resourceId: id(resources),
    serviceId: id(services.slice(5)),
    fileId: "file",
    spare,
  };
}

/** Where an answer lacks what the shape has, or has another type there. Further members are no difference. */
function differences(shape: unknown, answer: unknown, path = "result"): string[] {
  if (Array.isArray(shape)) {
    if (!Array.isArray(answer)) return [`${path} is no list`];
    if (shape.length === 0) return [];
    return answer.length === 0 ? [`${path} is empty`] : differences(shape[0], answer[0], `${path}[0]`);
  }
  if (typeof shape !== "object" || shape === null) {
    return typeof answer === typeof shape ? [] : [`${path} is ${typeof answer}, not ${typeof shape}`];
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return [`${path} is no structure`];
  return Object.entries(shape).flatMap(([name, inner]) =>
    differences(inner, (answer as Record<string, unknown>)[name], `${path}.${name}`),
  );
}

/** Asks them one after the other. */
async function wrongIn(engine: BareEngine, shapes: readonly RecordedShape[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { method, params, answer } of shapes) {
    const result = await engine.call(method, params).catch((error: unknown) => String(error));
    wrong.push(...differences(answer, result).map((each) => `${method}: ${each} in ${JSON.stringify(result)}`));
  }
  return wrong;
}

/** Methods of which no public source shows an answer, or one that can be had here. */
const notShown = [
  /^AccessPolicy\.(?!getGroupList)/,
  /^CompanyContacts\.(?!get$)/,
  /^Logs\./,
  /^Queue\.(remove|removeAll|tryToSend)$/,
  /^UserTemplates\.(?!get$)/,
  /^(Downloads|Uploads)\./,
  "Statistics.reset",
  // Refused whatever is sent.
  "ProductRegistration.get",
  "Server.upgrade",
  "Server.uploadLicense",
  "SystemHealth.get",
  "Users.getFromServer",
];

describe("recorded shapes", () => {
  it("are what the stand-in answers", async () => {
    expect(await wrongIn(bare, recordedShapes(known()))).toEqual([]);
    await vi.waitFor(() => expect(bare.engine.backup.inProgress).toBe(false));
  });

  it("are what it answers while it is set up", async () => {
    const fresh = new BareEngine({}, "first-run");
    expect(await wrongIn(fresh, setUpShapes(fresh.engine.store))).toEqual([]);
    fresh.remove();
  });

  it("are there of every method whose answer is shown anywhere", () => {
    const recorded = new Set([...recordedShapes(known()), ...setUpShapes("")].map(({ method }) => method));
    const all = Object.entries(interfaces).flatMap(([name, each]) => Object.keys(each).map((one) => `${name}.${one}`));
    const fits = (name: string) =>
      notShown.some((each) => (typeof each === "string" ? each === name : each.test(name)));
    expect(all.filter((name) => !recorded.has(name) && !fits(name))).toEqual([]);
  });
});

/** Methods whose parameters are paths of this machine that would be made or written to. */
const dangerous = [
  "Server.createPath",
  "Backup.start",
  "Backup.set",
  "AdvancedOptions.set",
  "Init.setMessageStorePath",
];

const codes = [-32600, -32601, -32602, 1000, 1001, 1002, 1003, 1004, 4000];

/** Calls, and fails the test for anything but a result or an error that somebody meant. */
async function answered(method: string, params: unknown, engine = bare): Promise<void> {
  try {
    expect(typeof (await engine.call(method, params))).toBe("object");
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error;
    expect(`${method} ${error.message}`).not.toContain("internal error");
    expect(codes).toContain(error.code);
  }
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(null, "", -1, 1e308, true, [], {}, "__proto__", "../../..", "x".repeat(3000), "\u0000", "😀"),
);

const harmlessShapes = () => recordedShapes(known()).filter(({ method }) => !dangerous.includes(method));

/** A recorded request with one of its places replaced by anything. */
const damaged: fc.Arbitrary<{ shape: RecordedShape; params: unknown }> = fc
  .tuple(fc.nat(), fc.nat(), anything)
  .map(([which, where, by]) => {
    const shapes = harmlessShapes();
    const shape = shapes[which % shapes.length] as RecordedShape;
    const all = places(shape.params);
    return { shape, params: replaced(shape.params, all[where % all.length] ?? [], by) };
  });

describe("damaged requests", () => {
  // None of them is a path.
  const kinds = [null, -1, "", true, [], {}];

  it("are answered, with another type in each place there is", async () => {
    let count = 0;
    for (const { method, params } of harmlessShapes()) {
      for (const place of places(params)) {
        for (const kind of kinds) await answered(method, replaced(params, place, kind));
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(400);
  });

  it("are answered where a path of this machine stands, with anything but a path in its place", async () => {
    const { engine } = bare;
    const credentials = { userName: "", password: "" };
    const whole: [string, object][] = [
      ["Server.createPath", { path: join(engine.programDir, "made"), credentials }],
      ["Backup.start", { backupType: "backupTypeFull" }],
      ["Backup.set", await bare.call("Backup.get")],
      ["AdvancedOptions.set", await bare.call("AdvancedOptions.get")],
    ];
    const paths = [engine.backupPath, engine.archivePath, engine.store];
    for (const [method, params] of whole) {
      for (const place of places(params))
        for (const kind of kinds) await answered(method, replaced(params, place, kind));
      await answered(method, params);
    }
    expect([engine.backupPath, engine.archivePath, engine.store]).toEqual(paths);
    await vi.waitFor(() => expect(engine.backup.inProgress).toBe(false));
  });

  it("are answered while the server is set up", async () => {
    const fresh = new BareEngine({}, "first-run");
    for (const { method, params } of setUpShapes(fresh.engine.store)) {
      if (method === "Init.finish") continue;
      for (const place of places(params)) {
        for (const kind of kinds) await answered(method, replaced(params, place, kind), fresh);
      }
      await answered(method, params, fresh);
    }
    saveState(fresh.engine.programDir, fresh.engine.state);
    expect(loadState(fresh.engine.programDir).users).toHaveLength(1);
    fresh.remove();
  });

  it("are answered, whatever stands in whichever place", async () => {
    await fc.assert(
      fc.asyncProperty(damaged, ({ shape, params }) => answered(shape.method, params)),
      { numRuns: 1500 },
    );
  });

  it("are answered by every method there is", async () => {
    const methods = Object.entries(interfaces).flatMap(([name, all]) =>
      Object.keys(all).map((each) => `${name}.${each}`),
    );
    const safe = methods.filter((each) => !dangerous.includes(each));
    expect(safe.length).toBeGreaterThan(150);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...safe), anything, (method, params) => answered(method, params)),
      { numRuns: 1000 },
    );
  });

  it("leave a configuration that can be written and read", () => {
    saveState(bare.engine.programDir, bare.engine.state);
    expect(loadState(bare.engine.programDir).users.length).toBe(bare.engine.state.users.length);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
