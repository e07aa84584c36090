import { codeOf, KerioError, messageOf } from "../errors";
import { sleep } from "../retry";
import { clearAside } from "./clear-aside";
import { lackingSettings } from "./lacking-settings";
import { passOnFailures } from "./pass-on-failures";
import { inWaves } from "./plan";
import { rollBack } from "./roll-back";
import {
  alive,
  isMoved,
  lookAgain,
  newAddress,
  oldAddress,
  seeAccounts,
  seeDirectories,
  type Renaming,
  type RunContext,
} from "./run-context";
import { saveResults } from "./save-results";
import { linkKey, resultKey, type RenameRecord, type Snapshot } from "./snapshot";
import { addAddresses } from "./steps/addresses";
import { noteSizes, restartUnseen, seeAdoption } from "./steps/adoption";
import { createAccounts, writeContacts } from "./steps/create-accounts";
import { clearMarks, recordAccounts, recordResults, setPasswords } from "./steps/finish";
import { holdServices, releaseServices } from "./steps/hold";
import { liftInterim, settleInterim } from "./steps/lift-interim";
import { addMemberships, dropMemberships } from "./steps/memberships";
import { placeMailboxes } from "./steps/place-mailboxes";
import { removeOld } from "./steps/remove-old";
import { repoint } from "./steps/repoint";
import type { Step } from "./steps/step";
import { sweepStrays } from "./steps/sweep-strays";
import { swapAtOnce } from "./steps/swap-at-once";
import { switchOver } from "./steps/switch-over";
import { verifyDelivery } from "./steps/verify-delivery";
import { moveMailboxes } from "./steps/window";
import { attempts, mayHaveHappened, reachable, untilHeard } from "./until-heard";

const create = [createAccounts, recordAccounts, writeContacts];
const swap = [
  seeAdoption,
  swapAtOnce,
  addMemberships,
  switchOver,
  dropMemberships,
  repoint,
  removeOld,
  addAddresses,
  recordResults,
  sweepStrays,
];
const swapIntoName = [...swap.slice(0, swap.indexOf(repoint)), liftInterim, ...swap.slice(swap.indexOf(repoint))];

/** One step and those whose turn it is: everybody, or a wave of those who wait for the one before. */
export interface Stage {
  step: Step;
  wave: number | "all";
  /** What the hooks around the step are called with; unlike the step's name it comes once. */
  point: string;
}

/**
 * The steps in the order of one of the vendor's two articles. A chain of names takes a wave for each link, from its end
 * on, after one window for all of them; where the server writes down who has left only when it stops, each takes a stop.
 * The crash test takes its points from here.
 */
export function stagesOf(order: Snapshot["order"], waves = 1): Stage[] {
  const all = [moveMailboxes, holdServices].map((step): Stage => ({ step, wave: "all", point: step.name }));
  const first = (steps: readonly Step[]) => steps.map((step): Stage => ({ step, wave: 0, point: step.name }));
  const stages = order === "article" ? [...all, ...first(create)] : [...first(create), ...all];
  stages.push(...first(swap));
  for (let wave = 1; wave < waves; wave++)
    // Placing may take a stop, which opens the services.
    for (const step of [placeMailboxes, holdServices, ...create, ...swapIntoName])
      stages.push({ step, wave, point: `${step.name} ${wave + 1}` });
  return stages;
}

/** The steps of a rename to a free name, in their order. */
export function stepsOf(order: Snapshot["order"]): readonly Step[] {
  return stagesOf(order).map((stage) => stage.step);
}

/**
 * Carries a snapshot's renames out, from wherever they stand: each step looks first and does only what is missing.
 * Before its point of no return a failed rename is rolled back, its neighbours go on. Ends with the services released.
 *
 * @throws KerioError `LOCK_LOST` when this run no longer holds the host; nothing is touched after that.
 */
export async function carryOut(run: RunContext): Promise<void> {
  for (const renaming of run.renamings)
    renaming.wasHandedOver = run.snapshot.results[resultKey(renaming.record)]?.swapBegun === true;
  try {
    await takeAll(run);
    if (await restartUnseen(run, alive(run))) await takeAll(run);
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") throw error;
    for (const renaming of alive(run)) renaming.failure = error;
  }
  const failed = run.renamings.filter((renaming) => renaming.failure !== undefined);
  if (failed.length > 0) await rollBack(run, failed);
  await attempt(run, () => settleInterim(run));
  const lasting = run.renamings.filter(({ record }) => record.transientFor === undefined);
  await run.hooks.before("release-services");
  await release(run);
  await run.hooks.after("release-services");
  const ended: RunContext = { ...run, renamings: lasting };
  if (alive(ended).length > 0) await finish(ended);
  await attempt(run, () => saveResults(run));
}

/** Every step for those whose turn it is; who waits for somebody who has failed fails before anything more is done. */
async function takeAll(run: RunContext): Promise<void> {
  const open = await stillConcerned(run);
  const waves = inWaves(open, ({ record }) => ({ ...record, key: linkKey(record) }));
  const turns = waves.length < 2 ? [run] : waves.map((renamings): RunContext => ({ ...run, renamings }));
  for (const { step, wave, point } of stagesOf(run.snapshot.order, waves.length)) {
    passOnFailures(run.renamings, run.snapshot);
    const turn = wave === "all" ? run : (turns[wave] ?? run);
    try {
      await take(turn, step, point);
    } catch (error) {
      // Whose turn is over is not concerned; a server that does not answer concerns everybody.
      if (wave === "all" || wave === 0 || codeOf(error) === "LOCK_LOST" || mayHaveHappened(error)) throw error;
      for (const renaming of alive(turn)) renaming.failure = error;
    }
  }
  passOnFailures(run.renamings, run.snapshot);
}

/** Everybody, without the first halves that are over: their temporary accounts have come and gone. */
async function stillConcerned(run: RunContext): Promise<Renaming[]> {
  if (run.renamings.every(({ record }) => record.transientFor === undefined)) return run.renamings;
  lookAgain(run);
  const accounts = await seeAccounts(run, run.renamings);
  return run.renamings.filter((renaming) => {
    const { old, fresh } = accounts.get(renaming) ?? {};
    return renaming.record.transientFor === undefined || old !== undefined || fresh !== undefined;
  });
}

/** Services that cannot be started are told, and keep nobody's answer from being given. */
async function release(run: RunContext): Promise<void> {
  try {
    await releaseServices(run);
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") throw error;
    run.server.log.warn(`${messageOf(error)} The supervisor on the mail host restarts the service by itself.`);
    for (const renaming of alive(run)) renaming.incomplete.push(messageOf(error));
  }
}

/** What is left when the services run again. Nothing here may keep anybody's answer from being given. */
async function finish(run: RunContext): Promise<void> {
  lookAgain(run);
  // Whose name did not get its new bearer after all keeps it as an alias.
  if (run.snapshot.renames.some(({ after }) => after !== undefined))
    await attempt(run, () => take(run, addAddresses, "add-addresses at last"));
  await attempt(run, () => take(run, sweepStrays));
  await attempt(run, () => verifyDelivery(run, alive(run)));
  await attempt(run, () => clearAside(run));
  await attempt(run, () => take(run, clearMarks));
  await run.hooks.before("set-passwords");
  await attempt(run, () => untilHeard(run, () => setPasswords(run, alive(run))));
  await run.hooks.after("set-passwords");
  await attempt(run, () => noteSizes(run, alive(run)));
  await attempt(run, () => judge(run));
}

/** The last look: what a step has seen may have been undone since. What is missing keeps the rename open. */
async function judge(run: RunContext): Promise<void> {
  lookAgain(run);
  for (const step of [addMemberships, repoint])
    for (const { incomplete } of await look(run, step))
      if (!incomplete.includes(step.unseen)) incomplete.push(step.unseen);
  for (const { incomplete, unseenAliases = [] } of alive(run)) incomplete.push(...unseenAliases);
  const accounts = await seeAccounts(run, alive(run));
  const directories = await seeDirectories(run, alive(run));
  for (const renaming of alive(run)) {
    const { record, incomplete } = renaming;
    const { old, fresh } = accounts.get(renaming) ?? {};
    const isAsWanted = !old && fresh?.isEnabled === record.enabled;
    if (!isAsWanted) incomplete.push("the new account is not as wanted at the end");
    const seen = directories.get(renaming);
    renaming.mailboxUnseen = seen !== undefined && !isMoved(record, seen);
    if (renaming.mailboxUnseen) incomplete.push(mailboxGone(record));
    const result = run.snapshot.results[resultKey(record)];
    if (result) result.finished = incomplete.length === 0;
    // Told once: whether the server ever takes them is not known, and another run would not give them either.
    const lacking = fresh && !renaming.wasHandedOver ? lackingSettings(record, fresh) : [];
    if (lacking.length > 0) incomplete.push(otherSettings(record, lacking));
  }
}

function otherSettings(record: RenameRecord, members: readonly string[]): string {
  return `the server holds other settings of ${newAddress(record)} than it was asked for: ${members.join(", ")}`;
}

function mailboxGone({ mailbox, domainPath, to }: RenameRecord): string {
  return `the moved mailbox (inode ${mailbox?.inode ?? ""}) does not lie in ${domainPath}/${to} any more, nor as much mail as it had`;
}

/** What goes wrong after the rename as such is done is reported with it. */
async function attempt(run: RunContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") throw error;
    if (alive(run).length === 0) run.server.log.warn(messageOf(error));
    for (const renaming of alive(run)) renaming.incomplete.push(messageOf(error));
  }
}

async function take(run: RunContext, step: Step, point: string = step.name): Promise<void> {
  for (let tried = 0; ; tried++) {
    try {
      const pending = await look(run, step);
      if (pending.length === 0) return;
      if (tried >= attempts) return giveUp(run, pending, step);
      if (tried > 0) await sleep(1000);
      await run.supervisor.beat();
      await run.hooks.before(point);
      await step.act(run, pending).finally(() => lookAgain(run));
      await run.hooks.after(point);
    } catch (error) {
      lookAgain(run);
      if (tried >= attempts || !mayHaveHappened(error)) throw error;
      run.server.log.progress(`${step.name}: ${messageOf(error)} Looking again.`);
      await reachable(run);
    }
  }
}

async function look(run: RunContext, step: Step): Promise<Renaming[]> {
  if (alive(run).length === 0) return [];
  return (await step.pending(run)).filter((renaming) => renaming.failure === undefined);
}

function giveUp(run: RunContext, pending: Renaming[], step: Step): void {
  if (step.onUnseen === "warn") run.server.log.warn(`${step.name}: ${step.unseen}.`);
  else if (step.onUnseen === "incomplete") for (const renaming of pending) renaming.incomplete.push(step.unseen);
  else for (const renaming of pending) renaming.failure = notSeen(renaming, step);
}

function notSeen(renaming: Renaming, step: Step): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `user ${oldAddress(renaming.record)}, being renamed to ${newAddress(renaming.record)}`,
    doing: step.name,
    happened: `${step.unseen}, though the server accepted it ${attempts} times`,
    outcome: "unknown",
  });
}
