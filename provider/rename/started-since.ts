import { listServices } from "../kerio/methods/services";
import type { RunContext } from "./run-context";
import { writeDown } from "./save-results";

/**
 * Takes the services into the snapshot that an administrator has started since: they are started again at the end, too. For
 * a run that goes on, and has not stopped the server yet: its own start opens what was closed by hand.
 */
export async function noteStartedSince(run: Pick<RunContext, "server" | "host" | "snapshot">): Promise<void> {
  const running = (await listServices(run.server.client)).filter((service) => service.isRunning);
  const ids = new Set(running.map((service) => service.id));
  const since = run.snapshot.services.filter((service) => ids.has(service.id) && !service.isRunning);
  if (since.length === 0) return;
  for (const service of since) service.isRunning = true;
  await writeDown(run);
}
