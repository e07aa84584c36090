import type { SecureContextOptions } from "node:tls";
import type { Engine } from "../engine.js";
import { serveImap } from "../imap/serve-imap.js";
import type { Queue } from "../queue.js";
import type { Serve } from "./door.js";
import { serveSmtp, type SmtpManner } from "./serve-smtp.js";

/** What is behind the ports of the services that are more than their port, by the service's name. */
export function serversOf(
  engine: Engine,
  queue: Queue,
  credentials: () => SecureContextOptions,
): ReadonlyMap<string, Serve> {
  const imap = serveImap(engine, credentials);
  const smtp = (manner: SmtpManner) => serveSmtp(engine, queue, credentials, manner);
  return new Map([
    ["IMAP", imap],
    ["Secure IMAP", imap],
    ["SMTP", smtp({ door: "smtp", loginFirst: false, tls: "none" })],
    ["Secure SMTP", smtp({ door: "secure-smtp", loginFirst: false, tls: "around" })],
    ["SMTP Submission", smtp({ door: "submission", loginFirst: true, tls: "offered" })],
  ]);
}
