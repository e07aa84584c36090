import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { resolveAddress } from "./delivery.js";
import type { Engine } from "./engine.js";
import type { Queue } from "./queue.js";

/** The SMTP listener. Closing it refuses new connections; those that are open have a short time to end, or go on. */
export class SmtpListener {
  private server: SMTPServer | undefined;
  // Opening and closing follow one another, also when a stop and a start arrive together.
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly engine: Engine,
    private readonly queue: Queue,
  ) {}

  /** Opens or closes the port; resolved when it is so. */
  listen(on: boolean): Promise<void> {
    const next = this.last.then(() => (on ? this.open() : this.close()));
    this.last = next.catch(() => undefined);
    return next;
  }

  private async open(): Promise<void> {
    if (this.server) return;
    const { engine } = this;
    const server = smtpServer(engine, this.queue, { authOptional: true, disabledCommands: ["AUTH", "STARTTLS"] });
    await new Promise<void>((resolve, reject) => {
      server.server.once("error", reject);
      server.listen(engine.environment.smtpPort, engine.environment.host, () => {
        server.server.off("error", reject);
        resolve();
      });
    });
    this.server = server;
  }

  private async close(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server) return;
    if (this.engine.switches.of("service-stop-cuts") === "listener") server.server.close();
    else await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Nobody asks for TLS at this door, and the context that a server makes for it takes a tenth of the engine's start. */
class PlainServer extends SMTPServer {
  override updateSecureContext(): void {
    // None is needed.
  }
}

/** A server that takes mail for the addresses of the domains, and from those who have logged in for any other, too. */
export function smtpServer(engine: Engine, queue: Queue, rules: SMTPServerOptions): SMTPServer {
  const Server = rules.disabledCommands?.includes("STARTTLS") ? PlainServer : SMTPServer;
  const server = new Server({
    banner: "Kerio Connect 10.0.9 ESMTP ready",
    disableReverseLookup: true,
    closeTimeout: 1000,
    ...rules,
    onRcptTo: (address, session, done) => {
      const { refusal, targets } = resolveAddress(engine, address.address);
      const remote = targets.length > 0 && targets.every((target) => target.kind === "remote");
      const direct = remote && !engine.domainNamed(address.address.split("@")[1] ?? "");
      const denied = direct && session.user === undefined;
      const text = refusal ?? (denied ? `550 5.7.1 <${address.address}>: relaying denied` : undefined);
      if (text === undefined) {
        done();
        return;
      }
      const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
      engine.truth.write("bounces", { sender, recipient: address.address, reason: text });
      done(refusalError(text));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", (error) => done(error));
      stream.on("end", () => {
        const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
        try {
          const recipients = session.envelope.rcptTo.map((each) => each.address);
          const id = queue.accept(sender, recipients, Buffer.concat(chunks));
          done(null, `2.0.0 queued as ${id}`);
        } catch (error) {
          engine.truth.write("engine", { event: "delivery failed", reason: String(error) });
          done(refusalError("451 4.3.0 delivery failed"));
        }
      });
    },
  });
  server.on("error", (error) => engine.truth.write("engine", { event: "smtp", reason: error.message }));
  return server;
}

/** A refusal with the three figures that the text begins with. */
export function refusalError(text: string): Error {
  return Object.assign(new Error(text.slice(4)), { responseCode: Number(text.slice(0, 3)) });
}
