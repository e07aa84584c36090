import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow } from "./helpers/files-below";
import { importsOf } from "./helpers/imports-of";

const root = resolve(__dirname, "..");
const provider = join(root, "provider");

/** Which parts a part of the package may import. Downwards only. */
const allowed: Record<string, string[]> = {
  resources: ["dynamic", "rename", "kerio", "host"],
  dynamic: ["rename", "kerio"],
  cli: ["rename", "kerio", "config"],
  rename: ["kerio", "host", "config"],
  kerio: [],
  host: [],
  config: ["kerio"],
  index: ["resources"],
  errors: [],
  retry: [],
  log: [],
  "setting-key": [],
};

/** What every part but these themselves may use. */
const common = ["errors", "retry", "log", "setting-key"];
const commonMayUse: Record<string, string[]> = { errors: [], retry: ["errors"], log: [], "setting-key": [] };
const pulumiParts = ["resources", "dynamic"];

/** The one file of `dynamic` that may know the resources. */
const runtime = join(provider, "dynamic", "runtime.ts");

/** How the bridge reaches it, from within a user's project. */
const ownRuntime = "pulumi-kerio/runtime";

interface Import {
  file: string;
  part: string;
  target: string;
  typeOnly: boolean;
}

function sources(directory: string): string[] {
  return filesBelow(directory)
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(directory, path));
}

/** The part of a path below provider/: its directory, or the file's name up to the first hyphen. */
function partOf(path: string): string {
  const [first = ""] = relative(provider, path).split("/");
  return first.replace(/\.[tj]s$/, "").replace(/^config-.*/, "config");
}

/** The imports of one file below provider/, whatever is written in it. */
function importsIn(file: string, text: string): Import[] {
  return importsOf(text).map(({ specifier, typeOnly }) => ({
    file: relative(root, file),
    part: partOf(file),
    target: specifier.startsWith(".") ? resolve(dirname(file), specifier) : specifier,
    typeOnly,
  }));
}

function imports(): Import[] {
  return sources(provider).flatMap((file) => importsIn(file, readFileSync(file, "utf8")));
}

function isBelow(directory: string, { target }: Import): boolean {
  return target === directory || target.startsWith(directory + sep);
}

function pointsDownwards(each: Import): boolean {
  if (!isBelow(provider, each)) return true;
  const { part, file } = each;
  const to = partOf(each.target);
  if (to === part) return true;
  if (common.includes(part)) return commonMayUse[part]?.includes(to) ?? false;
  return common.includes(to) || mayUse(part, to) || (to === "resources" && resolve(root, file) === runtime);
}

describe("imports", () => {
  const all = imports();

  it("are found", () => expect(all.length).toBeGreaterThan(100));

  it("point downwards", () => expect(all.filter((each) => !pointsDownwards(each))).toEqual([]));

  it.each([
    ["kerio/client.ts", 'import { plan } from "../rename/plan";'],
    ["kerio/client.ts", 'import {\n  type Plan,\n} from "../rename/plan";'],
    ["kerio/client.ts", 'import "../rename/plan";'],
    ["kerio/client.ts", 'export * from "../rename/plan";'],
    ["kerio/client.ts", 'const plan = await import("../rename/plan");'],
    ["kerio/client.ts", "const plan = await import(`../rename/plan`);"],
    ["kerio/client.ts", 'type Plan = import("../rename/plan").Plan;'],
    ["kerio/client.ts", 'import plan = require("../rename/plan");'],
    ["kerio/client.ts", 'const plan = require("../rename/plan");'],
    ["kerio/methods/users.ts", 'import type { HostSession } from "../../host/session";'],
    ["dynamic/memory.ts", 'import { userLifecycle } from "../resources/user-lifecycle";'],
    ["dynamic/memory.ts", 'type User = import("../resources/user").User;'],
    ["rename/plan.ts", 'import { config } from "../cli/config";'],
    ["errors.ts", 'import { log } from "./log";'],
  ])("that point upwards are noticed: %s with %s", (file, text) => {
    const planted = importsIn(join(provider, file), text);
    expect(planted).toHaveLength(1);
    expect(planted.filter((each) => !pointsDownwards(each))).toEqual(planted);
  });

  it("never leave provider/, and reach Pulumi from resources and dynamic alone", () => {
    expect(all.filter((each) => isBelow(root, each) && !isBelow(provider, each))).toEqual([]);
    const pulumi = all.filter(({ part, target }) => target.startsWith("@pulumi/") && !pulumiParts.includes(part));
    expect(pulumi).toEqual([]);
  });

  it("bring in only what the package depends on, and itself where the bridge reaches the runtime", () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
      peerDependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies).sort()).toEqual(["axios", "ssh2", "zod"]);
    const known = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
    const foreign = all.filter(
      ({ target }) =>
        !target.startsWith("/") &&
        !target.startsWith("node:") &&
        !known.some((name) => target === name || target.startsWith(`${name}/`)),
    );
    expect(foreign.map(({ file, target }) => [file, target])).toEqual([["provider/dynamic/bridge.ts", ownRuntime]]);
  });
});

/** Settings are types to most parts; only the place where servers are made, and the program's side, read them. */
function mayUse(part: string, to: string): boolean {
  if (to === "config") return ["cli", "dynamic", "resources", "rename"].includes(part);
  return allowed[part]?.includes(to) ?? false;
}

describe("files", () => {
  it("hold no more than one thing", () => {
    const long = sources(provider).filter((file) => readFileSync(file, "utf8").split("\n").length > 400);
    expect(long).toEqual([]);
  });

  it("export from one barrel only", () => {
    const barrels = sources(provider).filter((file) => /^export \* from/m.test(readFileSync(file, "utf8")));
    expect(barrels).toEqual([]);
  });

  it("keep the bridge free of everything but types, and of the runtime that it looks for when it is called", () => {
    const values = imports().filter(({ file, typeOnly }) => file.endsWith("dynamic/bridge.ts") && !typeOnly);
    expect(values.map(({ target }) => target)).toEqual(["node:module", ownRuntime]);
  });

  it("never ask which resource it is", () => {
    const asking = ["dynamic", "rename"]
      .flatMap((part) => sources(join(provider, part)))
      .filter((file) => /kind === "(user|alias)"/.test(readFileSync(file, "utf8")));
    expect(asking).toEqual([]);
  });
});
