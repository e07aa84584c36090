import { expect } from "vitest";
import type { NextFate } from "../../../provider/rename/effects";
import type { UserRequest } from "../../../provider/rename/user-request";
import { bringAbout, type Stop } from "./bring-about";
import { expectOwn } from "./expect-own";
import { expectRecovered } from "./expect-recovered";
import { lookBefore } from "./expect-state";
import { fatesOf } from "./fates";
import { firstRun, wholeRun, type Death } from "./first-run";
import { judge } from "./judge";
import type { Lane } from "./lane";
import { effectsOf, nameOf, type Point } from "./points";
import { requestsOf, wavesOf, type Order, type ScenarioName } from "./scenarios";
import { refuseBefore, straySubject } from "./trigger";
import { troubles, unwritten, type TroubleName } from "./troubles";
import { leaveAlone, recover, sendToAll, upAgain, type Sent, type Variant } from "./variants";

/** One field of the matrix: a run that ends at a point of its own, or that meets a trouble of the mail host. */
export type Case = { scenario: ScenarioName; order: Order; variant: Variant } & (
  { point: Point; death: Death } | { trouble: TroubleName; later?: Exclude<Stop, "move-mailboxes"> }
);

const laterStops = { "place-mailboxes": "in a chain's next stop", "roll-back": "in the stop of a roll-back" } as const;

/** What a case is called, without its variant. */
export function titleOf(wanted: Case): string {
  if ("point" in wanted) return `${nameOf(wanted.point)}, ${wanted.death}`;
  return wanted.later === undefined ? wanted.trouble : `${wanted.trouble}, ${laterStops[wanted.later]}`;
}

/** What is printed of a field. */
export interface Row {
  point: string;
  death: string;
  scenario: string;
  variant: string;
  /** In what it behaves otherwise than the standard, where that is asked for. */
  server?: string;
  outcome: string;
}

/** Lets a run die, lets happen what the variant says, and judges the end. */
export async function runCase(lane: Lane, wanted: Case): Promise<Row> {
  const trouble = "trouble" in wanted ? troubles[wanted.trouble] : undefined;
  trouble?.prepare?.(lane);
  try {
    return await runPrepared(lane, wanted);
  } finally {
    trouble?.restore?.(lane);
  }
}

async function runPrepared(lane: Lane, wanted: Case): Promise<Row> {
  const { scenario, order, variant } = wanted;
  lane.order = order;
  const requests = await requestsOf(lane.simulator, scenario);
  const before = await lookBefore(lane);
  const said: string[] = [];
  const first = await begin(lane, requests, wanted);
  if (first.ended.length > 0) said.push(`told ${[...new Set(first.ended.map(wordOf))].join(" and ")}`);
  for (const text of first.ended) if (!text.startsWith("finished")) expect(text).toMatch(/run `pulumi up` again/i);
  const sent: Sent[] = [];
  if ("point" in wanted && wanted.point.step === "sweep-strays")
    sent.push({ subject: straySubject, to: "", whose: wanted.point.who ?? "jdoe" });
  if (variant === "nothing") {
    const seconds = await leaveAlone(lane, before.picture.services);
    said.push(`back by itself after ${seconds.toFixed(0)} s`);
    await expectOwn(lane, scenario, before);
    sent.push(...(await sendToAll(lane, scenario, before)));
    const refused = sent.filter((mail) => mail.refused !== undefined);
    if (refused.length > 0) said.push(`${refused.map(({ to }) => to.replace(/@.*/, "")).join(", ")} unknown meanwhile`);
  }
  await first.cure();
  const fates = fatesOf(wanted, first.ended);
  const begunAnew = Object.keys(fates).filter((who, index) => {
    const ended = first.ended[index] ?? "";
    if (ended.startsWith("finished")) return false;
    return fates[who] === "roll-back" || ended.startsWith("RENAME_ROLLED_BACK") || remadeIn(wanted).includes(who);
  });
  if (variant === "recover") {
    first.hangUp?.();
    await expectRecovered(lane, scenario, before, { fates, told: await recover(lane), sent });
    said.push(`${wordFor(Object.values(fates))} by recover`);
  }
  const results = await upAgain(lane, requests);
  if (first.wake) {
    await expectUntouched(lane, first.wake, requests.length);
    said.push("woken, it touched nothing");
  }
  // What a run has given away before it was taken back is given away again.
  const runs = ("point" in wanted ? wanted.point.step : wanted.later) === "roll-back" ? 2 : 1;
  // Such a server may not let the old name be an alias while the account of that name is about to go.
  const mostAsked = lane.switches["alias-beside-user"] === "refused" ? 2 * runs : runs;
  await judge(lane, scenario, before, {
    requests,
    results,
    sent,
    begunAnew,
    forgotten: forgottenIn(wanted),
    mostAsked,
  });
  const stops = (await lane.simulator.control.downtimes()).length;
  expect(stops).toBeLessThanOrEqual(mostStops(wanted));
  said.push(`done, ${stops} stop${stops === 1 ? "" : "s"}`);
  return {
    point: "trouble" in wanted ? titleOf(wanted) : nameOf(wanted.point),
    death: "trouble" in wanted ? "mail host" : wanted.death,
    scenario: order === "article" ? `${scenario}, article` : scenario,
    variant,
    outcome: said.join("; "),
  };
}

interface Begun {
  ended: string[];
  hangUp?(): void;
  wake?: () => Promise<string[]>;
  cure(): Promise<unknown> | void;
}

async function begin(lane: Lane, requests: UserRequest[], wanted: Case): Promise<Begun> {
  if ("trouble" in wanted) {
    const trouble = troubles[wanted.trouble];
    const { later } = wanted;
    const { hooks, begun } = bringAbout(lane, trouble, later);
    const before = async (step: string) => {
      if (later === "roll-back") refuseBefore(step, { at: "before", step: later });
      await hooks.before(step);
    };
    const ended = await wholeRun(lane, requests, { hooks: { ...hooks, before } });
    expect(await begun(), "the trouble has begun").toBe(true);
    if (later === undefined) for (const text of ended) expect(text).toMatch(trouble.tells);
    return { ended, cure: () => trouble.cure?.(lane) };
  }
  const { point, death } = wanted;
  const { ended, hangUp, wake } = await firstRun(lane, requests, point, death);
  const tells = point.step === "roll-back" ? /^RENAME_ROLLED_BACK/ : /^finished$/;
  if (death === "alive") for (const text of ended) expect(text).toMatch(tells);
  const canWake = death !== "killed" && death !== "alive";
  return { ended, ...(hangUp && { hangUp }), ...(canWake && { wake }), cure: () => {} };
}

/** Who is made again because the server forgets it: the account came after its last stop. */
function remadeIn(wanted: Case): string[] {
  if (!("trouble" in wanted) || !troubles[wanted.trouble].forgets) return [];
  const waves = wavesOf(wanted.scenario);
  return waves.length > 1 || wanted.order === "article" ? (waves.at(-1) ?? []) : [];
}

/**
 * Whose removal the server forgets, by the name of the beginning: who has left since its last stop, which is before each
 * wave. A person in between has left the account of the beginning in the first half.
 */
function forgottenIn(wanted: Case): string[] {
  if (!("trouble" in wanted)) return [];
  const waves = wavesOf(wanted.scenario);
  if (wanted.later === "place-mailboxes") return wanted.trouble === unwritten ? (waves[0] ?? []) : [];
  const [last = [], ...earlier] = waves.toReversed();
  return troubles[wanted.trouble].forgets ? last.filter((who) => !earlier.flat().includes(who)) : [];
}

/** The run that was away finds its lock gone: it fails, and writes nothing more. */
async function expectUntouched(lane: Lane, wake: () => Promise<string[]>, requests: number): Promise<void> {
  const woken = new Date().toISOString();
  const ended = await wake();
  expect(ended).toHaveLength(requests);
  for (const text of ended) expect(text).not.toMatch(/^finished/);
  const calls = await lane.simulator.control.calls();
  expect(calls.filter((call) => call.at > woken && !isRead(call.method)).map((call) => call.method)).toEqual([]);
}

/**
 * A run that ends between stop and start, or while services are held, costs a second stop; one that ends with a mailbox
 * waiting for its name a third, because the mailbox goes home in the second.
 */
function mostStops(wanted: Case): number {
  // A later stop has the window before it, and may have one behind it in which a mailbox goes home.
  const more = { "place-mailboxes": 3, "roll-back": 2 };
  if ("trouble" in wanted) {
    const { stops } = troubles[wanted.trouble];
    if (wanted.later) return stops + more[wanted.later];
    // Mailboxes that wait go home in a stop of their own, and each wave is placed in one.
    const waves = wavesOf(wanted.scenario).length;
    return waves === 1 ? stops : stops + waves;
  }
  const steps: readonly string[] = effectsOf(wanted.order);
  const [window, release] = [steps.indexOf("move-mailboxes"), steps.indexOf("release-services")];
  const { step, wave = 0 } = wanted.point;
  // In a chain of names each wave after the first is placed in a stop of its own, by either run.
  const placing = wavesOf(wanted.scenario).length - 1;
  // The window, the one in which the mailbox is given back or the supervisor opens the services, and the next run's.
  if (step === "roll-back") return 3;
  // What was to stay parked does, but nobody has left yet: it is given back in a stop of its own, and all begins anew.
  if (wanted.point.at === "unheard" && wanted.point.write === "host keep") return 4 + placing;
  const here = step === "place-mailboxes" ? window : steps.indexOf(step);
  if (wanted.death === "alive" || (wave === 0 && (here < window || here > release))) return 1 + placing;
  const isLast = wave === wavesOf(wanted.scenario).length - 1 && step !== "place-mailboxes";
  return (here === release || isLast ? 2 : 3) + wave + placing;
}

function wordFor(fates: NextFate[]): string {
  const words = { finish: "finished", "roll-back": "taken back" };
  const one = [...new Set(fates)].map((fate) => words[fate]);
  return one.length === 1 ? one.join() : `some ${one.sort().join(", some ")}`;
}

function wordOf(ended: string): string {
  return ended.split(" ", 1)[0] ?? "";
}

function isRead(method: string): boolean {
  return method.startsWith("Session.") || /\.(get|find|check(?!MailboxIntegrity)|generate)/.test(method);
}
