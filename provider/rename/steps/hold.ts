import { messageOf } from "../../errors";
import { listServices, startService, stopService, type Service } from "../../kerio/methods/services";
import { Deadline, waitFor } from "../../retry";
import { alive, seeAccounts, type RunContext } from "../run-context";
import type { Step } from "./step";

/**
 * Stops the mail services, not the server: while the swap is on, nothing is delivered and nobody signs in. Nothing
 * persistent is changed; any restart of the server opens them again.
 */
export const holdServices: Step = {
  name: "hold-services",
  unseen: "the mail services go on running during the swap; mail that arrives meanwhile is looked for at the end",
  onUnseen: "warn",
  async pending(run) {
    const accounts = await seeAccounts(run, alive(run));
    const before = alive(run).filter((renaming) => accounts.get(renaming)?.old !== undefined);
    if (before.length === 0) return [];
    return (await runningServices(run)).length > 0 ? before : [];
  },
  async act(run) {
    await run.supervisor.hold();
    const running = await runningServices(run);
    // A service that refuses to stop is seen afterwards; it must not keep the others running.
    await Promise.allSettled(running.map((service) => stopService(run.server.client, service.id)));
  },
};

/** Starts the services that were running at the snapshot, and looks until they run. */
export async function releaseServices(run: RunContext): Promise<void> {
  const wanted = new Set(run.snapshot.services.filter((service) => service.isRunning).map((service) => service.id));
  const missing = (await listServices(run.server.client)).filter((s) => wanted.has(s.id) && !s.isRunning);
  const problems: string[] = [];
  await Promise.all(
    missing.map((service) =>
      startService(run.server.client, service.id).catch((error: unknown) => {
        problems.push(`${service.name}: ${messageOf(error)}`);
      }),
    ),
  );
  await waitFor(
    {
      what: `the services to run that ran before the rename${problems.length ? ` (${problems.join("; ")})` : ""}`,
      object: `mail server ${run.server.settings.api.url}`,
      deadline: Deadline.in(run.server.settings.timeouts.start),
      every: 500,
    },
    async () =>
      (await listServices(run.server.client)).some((s) => wanted.has(s.id) && !s.isRunning) ? undefined : true,
  );
  // What the one before could not open, the supervisor opens at the end: the services of this one are perhaps not all.
  if (run.heldBefore !== true) await run.supervisor.unhold();
}

async function runningServices(run: RunContext): Promise<Service[]> {
  return (await listServices(run.server.client)).filter((service) => service.isRunning);
}
