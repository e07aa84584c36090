import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kind } from "../../provider/dynamic/bridge";
import { DynamicServer, providerText } from "../helpers/dynamic-server";

const released = join(__dirname, "released");
const kinds: Kind[] = ["user", "alias"];

describe("what Pulumi stores of a provider", () => {
  it.each(kinds)("is short, holds no secret, and is the frozen text: %s", async (kind) => {
    const text = await providerText(kind);
    expect(text.length).toBeLessThanOrEqual(800);
    expect(text).toContain(`kind: "${kind}"`);
    expect(text).not.toMatch(/password|token|key/i);
    const frozen = readdirSync(released).filter((file) => file.startsWith(`${kind}-`));
    expect(frozen.map((file) => readFileSync(join(released, file), "utf8"))).toContain(text);
  });
});

const preload = `--experimental-vm-modules --require ${JSON.stringify(join(__dirname, "old-import.js"))}`;

describe.each([
  ["", {}],
  ["under a Node.js before 20.12", { NODE_OPTIONS: preload }],
])("texts of earlier releases %s", (_when, env) => {
  let server: DynamicServer;
  beforeAll(async () => {
    server = await DynamicServer.start({}, env);
  });
  afterAll(() => server.stop());

  it.each(readdirSync(released))("%s reaches today's runtime", async (file) => {
    const kind = file.split("-")[0] as Kind;
    server.useText(kind, readFileSync(join(released, file), "utf8"));
    const { failures } = await server.check(kind, {}, {});
    expect(failures.join("\n")).toContain("domain: this input is required.");
    const olds = { domain: "example.com", name: "jdoe", deliverTo: "info", fullName: "J. Doe" };
    expect(await server.diff(kind, "1", olds, { ...olds, name: "jsmith" })).toEqual({
      changes: true,
      replaces: ["name"],
    });
    await expect(server.create(kind, {})).rejects.toThrow(/INPUT_INVALID/);
    await expect(server.update(kind, "1", {}, { domain: "x", description: "y" })).rejects.toThrow(/INPUT_INVALID/);
    await expect(server.delete(kind, "1", {})).rejects.toThrow(/INPUT_INVALID/);
    await expect(server.read(kind, "1", {})).rejects.toThrow(/INPUT_INVALID|CONFIG_INVALID/);
  });
});
