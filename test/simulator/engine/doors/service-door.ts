import { createServer as createWebServer } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { TLSSocket, type SecureContext } from "node:tls";
import type { Counter } from "../counters.js";
import type { Engine } from "../engine.js";
import type { Service } from "../state.js";
import type { Connection, Door, Serve } from "./door.js";
import type { ServicePorts } from "./service-ports.js";
import { talkOf, type Talk } from "./service-talk.js";
import { answerWeb } from "./web-page.js";

const longestLine = 8192;

/** What a connection to a service counts as. */
const counters: Record<string, Counter> = {
  SMTP: "smtpConnections",
  POP3: "pop3Connections",
  IMAP: "imapConnections",
  LDAP: "ldapConnections",
  XMPP: "xmppConnections",
  HTTP: "webConnections",
};

/** How long clients have to go that have been told goodbye. */
const goodbyeMs = 1000;

/** Where one listener of a service is. */
interface Listener {
  type: string;
  address: string;
  port: number;
}

/**
 * The port of a service. It can be connected to while the service runs; one that has nothing behind it greets, and
 * refuses. Closing it refuses new connections and cuts those that are open, after a goodbye where there is one, unless
 * the switch service-stop-cuts says otherwise.
 */
export class ServiceDoor implements Door {
  private readonly servers: Server[] = [];
  private readonly sockets = new Map<Socket, Connection>();
  private readonly goodbyes = new Map<Socket, () => void>();
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly engine: Engine,
    private readonly service: Service,
    private readonly ports: ServicePorts,
    private readonly secureContext: () => SecureContext,
    private readonly serve?: Serve,
  ) {}

  get port(): number {
    return this.chosen?.[0]?.port ?? this.ports.of(this.service.name);
  }

  listen(on: boolean): Promise<void> {
    const next = this.last.then(() => (on ? this.open() : this.close()));
    this.last = next.catch(() => undefined);
    return next;
  }

  connections(): Connection[] {
    this.forgetEnded();
    return [...this.sockets.values()];
  }

  /** Who wraps a socket in TLS may take our ear for its end away. */
  private forgetEnded(): void {
    for (const kept of [this.sockets, this.goodbyes])
      for (const socket of kept.keys()) if (socket.destroyed) kept.delete(socket);
  }

  private get chosen(): Listener[] | undefined {
    return this.service.settings["listeners"] as Listener[] | undefined;
  }

  private async open(): Promise<void> {
    if (this.servers.length > 0) return;
    try {
      if (!this.chosen) return await this.openSomewhere();
      for (const { type, address, port } of this.chosen) await this.openAt(port, this.hostOf(type, address));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async openSomewhere(): Promise<void> {
    const { name } = this.service;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.openAt(this.ports.of(name), this.engine.environment.host);
      } catch (error) {
        const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
        if (!isTaken || attempt === 50 || this.ports.isGiven(name)) throw error;
        this.ports.another(name);
      }
    }
  }

  private hostOf(type: string, address: string): string {
    return type === "RealIpAddress" ? address : type === "Localhost" ? "127.0.0.1" : this.engine.environment.host;
  }

  private async openAt(port: number, host: string): Promise<void> {
    const server = this.newServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        server.on("error", () => undefined);
        resolve();
      });
    });
    this.servers.push(server);
  }

  private newServer(): Server {
    const { serve } = this;
    const talk = talkOf(this.service.name);
    const web = talk || serve ? undefined : createWebServer(answerWeb);
    const isSecure = this.service.name.startsWith("Secure ");
    const limit = this.service.settings["connectionLimit"] as { isSet: boolean; value: number } | undefined;
    const silence = this.engine.switches.number("silent-connection-seconds") * 1000;
    const greet = (socket: Socket, connection: Connection) => {
      if (serve) return this.handOver(socket, connection, serve);
      socket.setTimeout(silence, () => socket.destroy());
      if (talk) converse(socket, talk);
      else web?.emit("connection", socket);
    };
    const server = createTcpServer((socket) => {
      const connection = this.keep(socket, isSecure);
      if (!isSecure) return greet(socket, connection);
      // A certificate takes its time to read, so it is not before somebody comes.
      const secured = new TLSSocket(socket, { isServer: true, secureContext: this.secureContext() });
      const late = () => socket.destroy();
      secured.setTimeout(silence, late);
      secured.on("error", () => socket.destroy());
      secured.once("secure", () => {
        secured.setTimeout(0, late);
        greet(secured, connection);
      });
    });
    server.maxConnections = limit && !limit.isSet ? Number.POSITIVE_INFINITY : (limit?.value ?? 1000);
    return server;
  }

  private handOver(socket: Socket, connection: Connection, serve: Serve): void {
    socket.on("error", () => socket.destroy());
    const goodbye = serve(socket, connection);
    if (!goodbye) return;
    this.goodbyes.set(socket, goodbye);
    socket.once("close", () => this.goodbyes.delete(socket));
  }

  private keep(socket: Socket, isSecure: boolean): Connection {
    const counter = counters[this.service.name.replace(/^Secure | Submission$/g, "")];
    if (counter) this.engine.counters.add(counter);
    this.forgetEnded();
    const connection = { from: socket.remoteAddress ?? "", since: Date.now(), isSecure };
    this.sockets.set(socket, connection);
    socket.once("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    return connection;
  }

  /** Those that are connected stay so, until the process ends. */
  private closeListeners(): void {
    for (const server of this.servers.splice(0)) server.close();
  }

  private async close(): Promise<void> {
    const isOpen = this.connections().length > 0;
    if (isOpen && this.engine.switches.of("service-stop-cuts") === "listener") return this.closeListeners();
    const closing = this.servers.splice(0).map((server) => new Promise<void>((done) => server.close(() => done())));
    if (this.goodbyes.size > 0) {
      for (const goodbye of this.goodbyes.values()) goodbye();
      await Promise.race([Promise.all(closing), sleep(goodbyeMs, undefined, { ref: false })]);
    }
    for (const socket of this.sockets.keys()) socket.destroy();
    await Promise.all(closing);
  }
}

function converse(socket: Socket, talk: Talk): void {
  let rest = "";
  socket.on("error", () => socket.destroy());
  if (talk.greeting) socket.write(talk.greeting);
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    // Protocols without lines are answered at the first byte.
    if (!talk.greeting) lines.push(rest);
    if (rest.length > longestLine) return void socket.destroy();
    for (const line of lines) {
      const answer = talk.reply(line);
      socket.write(answer.text);
      if (answer.end) return void socket.end();
    }
  });
}
