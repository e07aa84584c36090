import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from "smtp-server";
import { deferralOf, isForNow, isRestricted, resolveAddress } from "./delivery.js";
import type { Engine } from "./engine.js";
import type { Queue } from "./queue.js";
import type { User } from "./state.js";

/** Nobody asks this one for TLS, and the context that a server makes for it takes a tenth of the engine's start. */
class PlainServer extends SMTPServer {
  override updateSecureContext(): void {
    // None is needed.
  }
}

/** A server that takes mail for the addresses of the domains, and from those who have logged in for any other, too. */
export function smtpServer(engine: Engine, queue: Queue, rules: SMTPServerOptions): SMTPServer {
  const Server = rules.cert === undefined ? PlainServer : SMTPServer;
  const server = new Server({
    banner: "Kerio Connect 10.0.9 ESMTP ready",
    disableReverseLookup: true,
    ...rules,
    onRcptTo: (address, session, done) => {
      const sender = senderOf(session);
      const { refusal, targets } = resolveAddress(engine, address.address, sender);
      const remote = targets.length > 0 && targets.every((target) => target.kind === "remote");
      const direct = remote && !engine.domainNamed(address.address.split("@")[1] ?? "");
      const denied = direct && session.user === undefined;
      const writer = engine.user(session.user ?? "");
      const outside = writer !== undefined && isOutside(engine, writer, address.address);
      const text =
        refusal ??
        (denied ? `550 5.7.1 <${address.address}>: relaying denied` : undefined) ??
        (outside ? `550 5.7.1 <${address.address}>: the account may write within its domain only` : undefined);
      if (text === undefined) {
        const deferral = deferralOf(engine, targets);
        done(deferral === undefined ? null : refusalError(deferral));
        return;
      }
      if (!isForNow(text)) engine.truth.write("bounces", { sender, recipient: address.address, reason: text });
      done(refusalError(text));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", (error) => done(error));
      stream.on("end", () => {
        try {
          const recipients = session.envelope.rcptTo.map((each) => each.address);
          const id = queue.accept(senderOf(session), recipients, Buffer.concat(chunks));
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

function senderOf({ envelope }: SMTPServerSession): string {
  return envelope.mailFrom ? envelope.mailFrom.address : "";
}

function isOutside(engine: Engine, writer: User, address: string): boolean {
  const to = engine.domainNamed(address.split("@")[1] ?? "");
  return isRestricted(engine, writer) && to?.id !== writer.domainId;
}

/** A refusal with the three figures that the text begins with. */
export function refusalError(text: string): Error {
  return Object.assign(new Error(text.slice(4)), { responseCode: Number(text.slice(0, 3)) });
}
