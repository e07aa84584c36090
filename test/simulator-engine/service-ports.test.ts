import { readFileSync } from "node:fs";
import { createServer, connect as connectTcp, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTransport, type SentMessageInfo } from "nodemailer";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { makeUser } from "./people";

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

  it("take mail at three of them: from everybody, around TLS, and from those who have logged in", async () => {
    const jdoe = await makeUser(simulator, "jdoe");
    const restrict = (hasDomainRestriction: boolean) =>
      simulator.adminCall("Users.set", { userIds: [jdoe], pattern: { hasDomainRestriction } });
    const ca = readFileSync(simulator.info.caFile);
    const manners = {
      SMTP: { ignoreTLS: true },
      "Secure SMTP": { secure: true, tls: { ca } },
      "SMTP Submission": { requireTLS: true, tls: { ca } },
    };
    const outcomes: Record<string, unknown> = {};
    for (const [name, manner] of Object.entries(manners)) {
      const where = { host: "127.0.0.1", port: portOf(await named(name)), ...manner };
      const send = async (to: string, pass?: string): Promise<number> => {
        const transport = createTransport({ ...where, ...(pass && { auth: { user: "jdoe", pass } }) });
        const from = "jdoe@example.com";
        const sent = (transport.sendMail({ from, to, text: name }) as Promise<SentMessageInfo>).then(
          () => 250,
          (error: { responseCode: number }) => error.responseCode,
        );
        return sent.finally(() => transport.close());
      };
      const [local, remote] = ["jdoe@example.com", "away@example.org"];
      outcomes[name] = [
        await send(local),
        await send(remote),
        await send(remote, "Xk7-pretty-long"),
        await send(local, "no"),
      ];
      await restrict(true);
      expect([await send(local, "Xk7-pretty-long"), await send(remote, "Xk7-pretty-long")]).toEqual([250, 550]);
      await restrict(false);
    }
    expect(outcomes).toEqual({
      SMTP: [250, 550, 250, 535],
      "Secure SMTP": [250, 550, 250, 535],
      "SMTP Submission": [530, 530, 250, 535],
    });
    const { statistics } = await simulator.adminCall<{ statistics: { smtpServer: object } }>("Statistics.get");
    expect(statistics.smtpServer).toMatchObject({
      totalIncomingConnections: expect.stringMatching(/^1\d$/),
      rejectedRelays: "2",
      authenticationAttempts: "12",
      authenticationFailures: "3",
    });
    await simulator.adminCall("SecurityPolicy.unlockAllAccounts");
  });

  it("say goodbye to who waits at them, and let who is in the middle of a message come to its end", async () => {
    const smtp = await named("SMTP");
    const connect = async (...lines: string[]) => {
      const socket = connectTcp({ host: "127.0.0.1", port: portOf(smtp) });
      let text = "";
      socket.on("data", (data) => (text += data.toString()));
      const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
      for (const [at, line] of lines.entries()) {
        while (text.split("\r\n").length <= at + 1) await new Promise((resolve) => setTimeout(resolve, 10));
        socket.write(`${line}\r\n`);
      }
      while (text.split("\r\n").length <= lines.length + 1) await new Promise((resolve) => setTimeout(resolve, 10));
      return { socket, closed };
    };
    const idle = await connect("HELO client");
    const busy = await connect("HELO client", "MAIL FROM:<a@example.org>", "RCPT TO:<jdoe@example.com>", "DATA");
    const stopped = act("stop", smtp);
    expect(await idle.closed).toMatch(/\r\n421 .*\r\n$/);
    busy.socket.write("Subject: late\r\n\r\nlate\r\n.\r\n");
    expect(await busy.closed).toMatch(/354 .*\r\n250 .*queued/);
    await stopped;
    await act("start", smtp);
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
