import { setTimeout as sleep } from "node:timers/promises";
import { createTransport } from "nodemailer";
import type { Outlook } from "../../../provider/rename/outlook";
import { recoverAll, type Recovered } from "../../../provider/rename/recover-all";
import type { UserRequest, UserResult } from "../../../provider/rename/user-request";
import { ownerOf } from "../owner-of";
import { provider } from "../stage";
import type { Before } from "./expect-state";
import type { Lane } from "./lane";
import { at, becomesOf, scenarioOf, type ScenarioName } from "./scenarios";

/** What happens after a run has ended: the same update again · `pulumi-kerio recover` · nothing at all. */
export const variants = ["up", "recover", "nothing"] as const;
export type Variant = (typeof variants)[number];

/** The same requests in a new process state; the engine hears every result. */
export async function upAgain(lane: Lane, requests: UserRequest[]): Promise<UserResult[]> {
  const plugin = provider(lane.settings());
  try {
    const results = await Promise.all(requests.map((request) => plugin.coordinator.create(request)));
    await Promise.all(requests.map(({ renamedFrom }) => plugin.coordinator.heard(renamedFrom?.userId ?? "")));
    return results;
  } finally {
    await plugin.close();
  }
}

/** What `npx pulumi-kerio recover` says: what it is about to do, and how each rename has ended. */
export interface Told {
  seen: Outlook[];
  recovered: Recovered[];
}

/** What `npx pulumi-kerio recover` does. */
export async function recover(lane: Lane): Promise<Told> {
  const { server, close } = provider(lane.settings());
  let seen: Outlook[] = [];
  const recovered = await recoverAll(server, { onSeen: (open) => (seen = open) });
  await close();
  return { seen, recovered };
}

/** A message that was sent meanwhile. `refused` means that its sender knows that it did not arrive. */
export interface Sent {
  subject: string;
  to: string;
  /** Who is to have it, by the name of the beginning: whoever could be reached under the address then. */
  whose: string | undefined;
  refused?: string;
}

/**
 * Waits until the host has come to rest by itself: service running, services as they were, lock free.
 *
 * @returns the seconds that took
 */
export async function leaveAlone(lane: Lane, services: string[]): Promise<number> {
  const { timeouts } = lane.settings();
  const bound = timeouts.supervisor + timeouts.stop + timeouts.start;
  const began = Date.now();
  let seen = "";
  // Half as much again for a machine that runs ten of these at once.
  while (Date.now() - began < bound * 1500) {
    // Asking the server costs more than looking at the lock.
    seen = lane.isLocked ? "locked" : await stateOf(lane);
    if (seen === services.join(", ")) return (Date.now() - began) / 1000;
    await sleep(200);
  }
  throw new Error(`not at rest after ${bound} seconds: ${seen}`);
}

async function stateOf(lane: Lane): Promise<string> {
  const { control } = lane.simulator;
  if (!(await control.service()).running) return "the service is down";
  const truth = await control.truth().catch(() => undefined);
  return (
    truth?.services.map((s) => `${String(s.name)} ${String(s.isRunning)} ${String(s.howToStart)}`).join(", ") ?? ""
  );
}

/**
 * One message to each old and each new address, as a sending server would: tried again until it is taken or refused.
 *
 * @param before what was there before the first run
 */
export async function sendToAll(lane: Lane, name: ScenarioName, before: Before): Promise<Sent[]> {
  const { host, port } = lane.simulator.info.smtp;
  const transport = createTransport({ host, port, secure: false, ignoreTLS: true });
  const sent: Sent[] = [];
  const names = new Set(scenarioOf(name).renames.flatMap((rename) => [rename.from, rename.to]));
  for (const local of names) {
    const to = at(local);
    const mail: Sent = { to, subject: `meanwhile to ${to}`, whose: await whoseIs(lane, name, before, local) };
    try {
      await transport.sendMail({ from: "sender@example.org", to, subject: mail.subject, text: "A message.\n" });
    } catch (error) {
      const code = (error as { responseCode?: number }).responseCode ?? 0;
      if (code < 500) throw error;
      mail.refused = String(error);
    }
    sent.push(mail);
  }
  transport.close();
  return sent;
}

/** Who can be reached under an address now, by the name of the beginning. An alias comes before an account. */
async function whoseIs(lane: Lane, name: ScenarioName, before: Before, local: string): Promise<string | undefined> {
  const { accounts, aliases } = await lane.simulator.control.truth();
  const alias = aliases.find((row) => row.name === local);
  const bearer = alias === undefined ? local : String(alias.deliverTo).replace(/@.*/, "");
  const account = accounts.find((candidate) => candidate.name === bearer);
  return account && ownerOf(account, becomesOf(name), before.picture.ids);
}
