import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { applied, DynamicServer, type Props } from "../helpers/dynamic-server";
import { startPlugin, stackConfig } from "../helpers/stack";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

let simulator: Simulator;
/** Stands where the mail server was, takes connections, and counts them. */
let listener: Server;
let connections = 0;
let plugin: DynamicServer;
let user: { id: string; inputs: Props; outs: Props };
let alias: { id: string; inputs: Props; outs: Props };

const contact = { firstName: "J.", lastName: "Doe", workAddress: { city: "Exampleton", zip: "1" } };
const person: Props = {
  domain: "example.com",
  name: "jdoe",
  logicalName: "u",
  fullName: "J. Doe",
  enabled: true,
  contact,
};
const info: Props = { domain: "example.com", name: "info", deliverTo: "jdoe", logicalName: "a" };

beforeAll(async () => {
  simulator = await startSimulator();
  const first = await startPlugin(simulator);
  user = await applied(first, "user", undefined, person);
  alias = await applied(first, "alias", undefined, info);
  await first.stop();
  listener = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  const { port } = listener.address() as { port: number };
  const elsewhere = {
    "kerio:url": `https://127.0.0.1:${port}`,
    "kerio:sshHost": "127.0.0.1",
    "kerio:sshPort": `${port}`,
  };
  plugin = await DynamicServer.start({ ...stackConfig(simulator), ...elsewhere });
});

afterAll(async () => {
  await plugin?.stop();
  listener?.close();
  await simulator?.stop();
});

it("is opened by no update that changes nothing, nor by one of the set of managed fields or of policies alone", async () => {
  for (const [kind, made, declared] of [
    ["user", user, person],
    ["alias", alias, info],
  ] as const) {
    const { inputs, failures } = await plugin.check(kind, made.inputs, declared);
    expect(failures).toEqual([]);
    expect(await plugin.diff(kind, made.id, made.outs, inputs)).toEqual({ changes: false, replaces: [] });
  }

  const fewer: Props = { domain: "example.com", name: "jdoe", logicalName: "u", enabled: true };
  const unmanaged = await plugin.check("user", user.inputs, fewer);
  expect(await plugin.diff("user", user.id, user.outs, unmanaged.inputs)).toEqual({ changes: true, replaces: [] });
  const outs = await plugin.update("user", user.id, user.outs, unmanaged.inputs);
  expect(outs["managed"]).toEqual(["enabled"]);

  const smaller = { ...person, contact: { firstName: "J.", workAddress: { zip: "1" } } };
  const less = await plugin.check("user", user.inputs, smaller);
  expect(await plugin.diff("user", user.id, user.outs, less.inputs)).toEqual({ changes: true, replaces: [] });
  expect(await plugin.update("user", user.id, user.outs, less.inputs)).toMatchObject({ contact: smaller.contact });

  const policies = await plugin.check("user", unmanaged.inputs, {
    ...fewer,
    keepOldAddress: false,
    onDelete: "deleteMail",
  });
  expect(await plugin.diff("user", user.id, outs, policies.inputs)).toEqual({ changes: true, replaces: [] });
  expect(await plugin.update("user", user.id, outs, policies.inputs)).toMatchObject({ onDelete: "deleteMail" });
  expect(connections).toBe(0);
});

it("is opened, and counted here, as soon as there is something to write", async () => {
  const { inputs } = await plugin.check("user", user.inputs, { ...person, fullName: "J. Q. Doe" });
  await expect(plugin.update("user", user.id, user.outs, inputs)).rejects.toThrow("CONNECTION_FAILED");
  expect(connections).toBeGreaterThan(0);
});

it("carries no write for a field that comes to be managed with the value it has", async () => {
  const again = await startPlugin(simulator);
  try {
    const before = (await simulator.control.calls()).filter((call) => /\.(set|create|remove)/.test(call.method)).length;
    const declared = { ...person, publishInGal: true, contact: { ...contact, nickname: "" } };
    const { inputs } = await again.check("user", user.inputs, declared);
    expect(await again.diff("user", user.id, user.outs, inputs)).toEqual({ changes: true, replaces: [] });
    const outs = await again.update("user", user.id, user.outs, inputs);
    expect(outs["managed"]).toContain("publishInGal");
    const after = (await simulator.control.calls()).filter((call) => /\.(set|create|remove)/.test(call.method)).length;
    expect(after).toBe(before);
  } finally {
    await again.stop();
  }
});
