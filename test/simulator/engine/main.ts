import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createSecureContext, type SecureContext } from "node:tls";
import { keepSaved } from "./config-saves.js";
import { Engine } from "./engine.js";
import { readEnvironment } from "./environment.js";
import { ServiceDoor } from "./doors/service-door.js";
import { serversOf } from "./doors/servers.js";
import { ServicePorts } from "./doors/service-ports.js";
import { AdminPort } from "./https-server.js";
import { keepLogs } from "./event-log.js";
import { answerQuery } from "./questions.js";
import { Queue } from "./queue.js";
import { finishRenames } from "./rpc/domain-rename.js";
import { switchService } from "./rpc/services.js";
import { seedMail, seedState } from "./seed.js";
import type { Service } from "./state.js";
import { isConfigured, loadState, saveState } from "./state-storage.js";
import { keepStoreChecked } from "./store-check.js";
import { writingOf } from "./writing-of.js";

/** The parts of an engine that has started. */
interface Running {
  engine: Engine;
  admin: AdminPort;
  queue: Queue;
}

const [programDir, environmentFile] = process.argv.slice(2) as [string, string];
const stateDir = dirname(environmentFile);
const pidFile = join(stateDir, "run", "kms.pid");

/** Milliseconds in which the host stops an engine that has asked for its restart, unless something keeps it from that. */
const longestWaitForStop = 10_000;

/** Milliseconds from one run of the queue to the next, for what could not be delivered when it came. */
const queuePause = 60_000;

let running: Running | undefined;
// The stop waits for the start.
let last: Promise<void> = Promise.resolve();

async function start(): Promise<void> {
  const environment = readEnvironment(environmentFile);
  await new Promise((resolve) => setTimeout(resolve, environment.startDelayMs));
  const fresh = !isConfigured(programDir);
  const state = fresh ? seedState(environment) : loadState(programDir);
  const engine = new Engine(programDir, stateDir, environment, state);
  for (const part of ["mail", "archive", "backup", "lists", "logs", "queue/pickup", "spamassassin", "tmp"])
    mkdirSync(join(engine.store, part), { recursive: true });
  if (fresh) saveState(programDir, state);
  keepLogs(engine);
  finishRenames(engine);
  engine.bindings.start();
  if (fresh) seedMail(engine);
  keepStoreChecked(engine);
  const queue = new Queue(engine);
  const admin = new AdminPort(engine);
  const { smtpPort, imapPort, submissionPort } = environment;
  const ports = new ServicePorts(stateDir, { SMTP: smtpPort, IMAP: imapPort, "SMTP Submission": submissionPort });
  const credentials = () => ({
    cert: readFileSync(environment.certificateFile),
    key: readFileSync(environment.keyFile),
  });
  let context: SecureContext | undefined;
  const secureContext = () => (context ??= createSecureContext(credentials()));
  const servers = serversOf(engine, queue, credentials);
  for (const service of state.services) {
    engine.doors.set(service.name, new ServiceDoor(engine, service, ports, secureContext, servers.get(service.name)));
  }
  engine.runQueue = () => queue.run();
  engine.queue = queue;
  engine.restart = () => {
    admin.turnAway(longestWaitForStop);
    process.send?.({ type: "restart" });
  };
  engine.save = () => saveState(programDir, state, writingOf(engine));
  keepSaved(engine);
  running = { engine, admin, queue };
  if (state.settings.setupFinished) {
    for (const service of state.services.filter((each) => each.howToStart === "Automatic")) {
      await startAtOnce(engine, service);
    }
    ports.save();
  }
  await admin.listen();
  queue.tryToRun();
  setInterval(() => queue.tryToRun(), queuePause).unref();
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, `${process.pid}\n`);
  engine.truth.write("engine", { event: "started", pid: process.pid });
  process.send?.({ type: "ready" });
}

/** A port that an administrator has chosen and that cannot be opened leaves its service stopped. */
async function startAtOnce(engine: Engine, service: Service): Promise<void> {
  try {
    await switchService(engine, service, true);
  } catch (error) {
    if (service.settings["listeners"] === undefined) throw error;
    engine.truth.write("engine", { event: "service failed", service: service.name, reason: String(error) });
  }
}

/** Refuses new work, ends what runs, writes the configuration. */
async function stop(): Promise<void> {
  if (!running) return;
  const { engine, admin } = running;
  running = undefined;
  await Promise.all([admin.close(), ...[...engine.doors.values()].map((door) => door.listen(false))]);
  await new Promise((resolve) => setTimeout(resolve, engine.environment.stopDelayMs));
  engine.finishWaiting();
  engine.save();
  rmSync(pidFile, { force: true });
  engine.truth.write("engine", { event: "stopped", pid: process.pid });
}

function orderlyExit(): void {
  last = last.then(stop).then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  );
}

function fail(error: unknown): void {
  process.stderr.write(`mailserver: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

process.on("SIGTERM", orderlyExit);
process.on("SIGINT", orderlyExit);
// The host is gone: whatever it meant to happen next will not, so nothing is written.
process.on("disconnect", () => process.exit(1));
process.on("message", (message: { type?: string; id?: unknown } & Record<string, unknown>) => {
  const answer = answerQuery(running?.engine, running?.queue, message);
  if (answer !== undefined) process.send?.({ type: "answer", id: message.id, value: answer });
});

if (!programDir || !environmentFile || !existsSync(environmentFile)) {
  fail(new Error("usage: mailserver <program directory> <environment.json>"));
} else {
  last = start().catch(fail);
}
