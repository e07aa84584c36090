import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(__dirname, "..");
const provider = join(root, "provider");

/** Which parts a part of the package may import. Downwards only. */
const allowed: Record<string, string[]> = {
  resources: ["dynamic", "rename", "kerio", "host"],
  dynamic: ["resources", "rename", "kerio"],
  cli: ["rename", "kerio", "config"],
  rename: ["kerio", "host", "config"],
  kerio: [],
  host: [],
  config: ["kerio"],
  index: ["resources"],
  errors: [],
  retry: [],
  log: [],
};

/** What every part but these themselves may use. */
const common = ["errors", "retry", "log"];
const commonMayUse: Record<string, string[]> = { errors: [], retry: ["errors"], log: [] };
const pulumiParts = ["resources", "dynamic"];

interface Import {
  file: string;
  part: string;
  target: string;
  typeOnly: boolean;
}

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The part of a path below provider/: its directory, or the file's name up to the first hyphen. */
function partOf(path: string): string {
  const [first = ""] = relative(provider, path).split("/");
  return first.replace(/\.[tj]s$/, "").replace(/^config-.*/, "config");
}

function imports(): Import[] {
  return sources(provider).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    return [...text.matchAll(/^\s*(?:import|export)\s([^;"]*?)from\s+"([^"]+)"/gm)].map((match) => ({
      file: relative(root, file),
      part: partOf(file),
      target: match[2]?.startsWith(".") ? resolve(dirname(file), match[2]) : (match[2] ?? ""),
      typeOnly: match[1]?.trimStart().startsWith("type ") ?? false,
    }));
  });
}

describe("imports", () => {
  const all = imports();

  it("are found", () => expect(all.length).toBeGreaterThan(100));

  it("point downwards", () => {
    const wrong = all.filter(({ part, target }) => {
      if (!target.startsWith(provider)) return false;
      const to = partOf(target);
      if (to === part) return false;
      return common.includes(part) ? !commonMayUse[part]?.includes(to) : !common.includes(to) && !mayUse(part, to);
    });
    expect(wrong).toEqual([]);
  });

  it("never leave provider/, and reach Pulumi from resources and dynamic alone", () => {
    const outside = all.filter(({ target }) => target.startsWith(root) && !target.startsWith(provider));
    expect(outside).toEqual([]);
    const pulumi = all.filter(({ part, target }) => target.startsWith("@pulumi/") && !pulumiParts.includes(part));
    expect(pulumi).toEqual([]);
  });

  it("bring in only what the package depends on", () => {
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
    expect(foreign).toEqual([]);
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

  it("keep the bridge free of everything but types", () => {
    const values = imports().filter(({ file, typeOnly }) => file.endsWith("dynamic/bridge.ts") && !typeOnly);
    expect(values).toEqual([]);
  });

  it("never ask which resource it is", () => {
    const asking = ["dynamic", "rename"]
      .flatMap((part) => sources(join(provider, part)))
      .filter((file) => /kind === "(user|alias)"/.test(readFileSync(file, "utf8")));
    expect(asking).toEqual([]);
  });
});
