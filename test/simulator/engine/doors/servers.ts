import type { SecureContextOptions } from "node:tls";
import type { Engine } from "../engine.js";
import { serveImap } from "../imap/serve-imap.js";
import type { Queue } from "../queue.js";
import { serveSubmission } from "../submission.js";
import type { Serve } from "./door.js";

/** What is behind the ports of the services that are more than their port, by the service's name. */
export function serversOf(
  engine: Engine,
  queue: Queue,
  credentials: () => SecureContextOptions,
): ReadonlyMap<string, Serve> {
  const imap = serveImap(engine, credentials);
  return new Map([
    ["IMAP", imap],
    ["Secure IMAP", imap],
    ["SMTP Submission", serveSubmission(engine, queue, credentials)],
  ]);
}
