import { createServer, connect as connectTcp, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

interface Service {
  id: string;
  name: string;
  isRunning: boolean;
  defaultPort: number;
  listeners: { type: string; address: string; port: number }[];
}

let simulator: Simulator;
beforeAll(async () => (simulator = await startSimulator()));
afterAll(() => simulator?.stop());

const services = async () => (await simulator.adminCall<{ services: Service[] }>("Services.get")).services;
const named = async (name: string) => (await services()).find((each) => each.name === name) as Service;
const portOf = (service: Service) => service.listeners[0]?.port ?? 0;
const act = (method: string, { id }: Service) => simulator.adminCall(`Services.${method}`, { service: id });
const limitMs = 10_000;

/** What a service says first, to the line given if it waits for one; rejects when nobody listens. */
function hears(service: Service, line?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const secure = service.name.startsWith("Secure ");
    const where = { host: "127.0.0.1", port: portOf(service) };
    const socket: Socket = secure ? connectTls({ ...where, rejectUnauthorized: false }) : connectTcp(where);
    socket.setTimeout(limitMs, () => socket.destroy(new Error(`${service.name} is silent`)));
    socket.once(secure ? "secureConnect" : "connect", () => {
      if (line !== undefined) socket.write(`${line}\r\n`);
    });
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}

const greetings: Record<string, RegExp> = {
  SMTP: /^220 .*ESMTP/,
  POP3: /^\+OK/,
  IMAP: /^\* OK/,
  NNTP: /^20[01] /,
};

describe("the fifteen services", () => {
  it("hold the ports that the API tells, each its own", async () => {
    const all = await services();
    expect(all.filter((each) => each.isRunning)).toHaveLength(15);
    expect(new Set(all.map(portOf)).size).toBe(15);
    expect(all.find((each) => each.name === "POP3")).toMatchObject({ defaultPort: 110 });
    for (const [protocol, greeting] of Object.entries(greetings)) {
      expect(await hears(await named(protocol))).toMatch(greeting);
      expect(await hears(await named(`Secure ${protocol}`))).toMatch(greeting);
    }
    expect(await hears(await named("HTTP"), "GET / HTTP/1.0\r\n")).toMatch(/^HTTP\/1.1 302 .*Location: \/webmail\//s);
    expect(await hears(await named("Secure HTTP"), "GET /webmail/ HTTP/1.0\r\n")).toMatch(/^HTTP\/1.1 200 /);
    expect(await hears(await named("XMPP"), "<?xml version='1.0'?>")).toContain("<stream:error>");
  });

  it("refuse who comes while they are held, and whoever is there is cut off", async () => {
    const pop3 = await named("POP3");
    const socket = connectTcp({ host: "127.0.0.1", port: portOf(pop3) });
    const cut = new Promise<void>((resolve) => socket.once("close", () => resolve()).once("error", () => undefined));
    await new Promise((resolve) => socket.once("data", resolve));
    const query = { conditions: [{ fieldName: "proto", comparator: "Eq", value: "POP3" }] };
    expect(await simulator.adminCall("Server.getConnections", { query })).toMatchObject({ totalItems: 1 });
    const { statistics } = await simulator.adminCall<{ statistics: { pop3Server: object } }>("Statistics.get");
    expect(statistics.pop3Server).toMatchObject({ totalIncomingConnections: expect.stringMatching(/^[3-9]$/) });
    await act("stop", pop3);
    await cut;
    await expect(hears(pop3)).rejects.toThrow("ECONNREFUSED");
    expect(await hears(await named("Secure POP3"))).toMatch(/^\+OK/);
    await act("start", pop3);
    expect(await hears(pop3)).toMatch(/^\+OK/);
    await act("restart", pop3);
    expect(portOf(await named("POP3"))).toBe(portOf(pop3));
  });

  it.each(["POP3", "IMAP", "SMTP"])("%s may leave alone who is there while it is held", async (name) => {
    const service = await named(name);
    const socket = connectTcp({ host: "127.0.0.1", port: portOf(service) });
    const heard = () => new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    await heard();
    await simulator.control.setSwitch("service-stop-cuts", "listener");
    try {
      await act("stop", service);
      await expect(hears(service)).rejects.toThrow("ECONNREFUSED");
      socket.write("1 NOOP\r\n");
      expect(await heard()).not.toBe("");
      await act("start", service);
      expect(await hears(service)).not.toBe("");
    } finally {
      await simulator.control.setSwitch("service-stop-cuts", "connections");
      socket.destroy();
    }
  });

  it("keep their ports through a restart, where one that starts by hand stays closed", async () => {
    const [nntp, xmpp] = [await named("NNTP"), await named("XMPP")];
    await simulator.adminCall("Services.set", { services: [{ ...nntp, howToStart: "Manual" }] });
    expect(await hears(nntp)).toMatch(/^20/);
    await simulator.control.command("restart");
    expect(await named("NNTP")).toMatchObject({ isRunning: false, listeners: nntp.listeners });
    await expect(hears(nntp)).rejects.toThrow("ECONNREFUSED");
    expect((await named("XMPP")).listeners).toEqual(xmpp.listeners);
    expect(await hears(xmpp, "<?xml")).toContain("<stream:error>");
  });

  it("move to another port, and stay where they are when it is taken", async () => {
    const pop3 = await named("POP3");
    const { server, port } = await occupied();
    const move = () =>
      simulator.adminCall<{ errors: { code: number }[] }>("Services.set", {
        services: [{ id: pop3.id, listeners: [{ type: "Localhost", address: "127.0.0.1", port }] }],
      });
    expect((await move()).errors).toMatchObject([{ inputIndex: 0, code: 1000 }]);
    expect(await hears(await named("POP3"))).toMatch(/^\+OK/);
    expect(await named("POP3")).toEqual(pop3);
    await new Promise((resolve) => server.close(resolve));
    expect((await move()).errors).toEqual([]);
    expect(portOf(await named("POP3"))).toBe(port);
    expect(await hears(await named("POP3"))).toMatch(/^\+OK/);
    await expect(hears(pop3)).rejects.toThrow("ECONNREFUSED");
  });

  it("serve no more than their limit", async () => {
    const http = await named("HTTP");
    const change = { id: http.id, connectionLimit: { isSet: true, value: 1 } };
    await simulator.adminCall("Services.set", { services: [change] });
    const first = connectTcp({ host: "127.0.0.1", port: portOf(http) });
    await new Promise((resolve) => first.once("connect", resolve));
    const second = new Promise((resolve, reject) =>
      get({ host: "127.0.0.1", port: portOf(http), path: "/" }, resolve).once("error", reject),
    );
    await expect(second).rejects.toThrow();
    first.destroy();
  });
});

async function occupied(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}
