import { hostname, userInfo } from "node:os";
import { codeOf, KerioError, messageOf } from "../errors";
import type { HostFacts } from "../host/facts";
import { lockHolder } from "../host/lock-holder";
import type { HostSession } from "../host/session";
import { startSupervisor, type Supervisor, type SupervisorSettings } from "../host/supervisor";
import { fenced, type Fence } from "../kerio/write-fence";
import { Deadline, sleep } from "../retry";
import { endDeadRun, whyAway } from "./after-crash";
import { isAway } from "./is-away";
import { openHost, type MailServer } from "./mail-server";
import { lookAtHost, newRunId } from "./prepare";

/** Seconds to wait for another run that holds the host. */
export const waitForOthers = 600;

interface Account {
  name: string;
  domain: string;
}

/**
 * Looks at the host, takes its lock, does the work, and gives the lock back, whatever the work ends with. Nothing of the
 * work writes to the API, or runs on the host it is given, once the lock is lost.
 *
 * @throws KerioError `HOST_UNSUITABLE`, `PRIVILEGE_MISSING` or an SSH code with nothing touched; `RENAME_BUSY` when
 * another run holds the host for longer than `wait` seconds; whatever the work throws
 */
export async function underSupervision(
  server: MailServer,
  host: HostSession,
  domains: string[],
  work: (facts: HostFacts, supervisor: Supervisor, host: HostSession) => Promise<void>,
  wait = waitForOthers,
): Promise<void> {
  const { facts, supervisor } = await takeHost(server, host, domains, wait);
  supervisor.startBeating(() => openHost(server));
  const fence: Fence = { pass: () => supervisor.fence(), until: () => supervisor.heldUntil() };
  try {
    await fenced(fence, () => work(facts, supervisor, fencedHost(host, fence)));
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") await endOurDeadRun(server, host);
    throw error;
  } finally {
    await supervisor.stopBeating();
    await giveBack(server, supervisor);
  }
}

/**
 * Nobody is left to start the service when both processes on the host have been killed. A run that has ended by itself,
 * or whose lock somebody else holds by now, is left alone.
 */
async function endOurDeadRun(server: MailServer, host: HostSession): Promise<void> {
  await endDeadRun(server, host).catch((error: unknown) =>
    server.log.warn(`It could not be seen whether the mail service is still stopped: ${messageOf(error)}`),
  );
}

function fencedHost(host: HostSession, fence: Fence): HostSession {
  return {
    root: host.root,
    description: host.description,
    run: (command) => fence.pass().then(() => host.run(command)),
    renew: () => host.renew(),
    close: () => host.close(),
  };
}

/**
 * Waits until no living run holds the host, for as long as a run waits for another. One that is at work may be heard of
 * by nobody any more: a killed engine leaves it behind.
 *
 * @throws KerioError `RENAME_BUSY`, which names the run that holds it
 */
export async function untilFree(server: MailServer, host: HostSession): Promise<void> {
  const deadline = Deadline.in(waitForOthers);
  for (let told = ""; ; await sleep(1000)) {
    const holder = await lockHolder(host);
    if (!holder?.alive) return;
    if (deadline.passed()) throw stillBusy(host, holder.owner);
    if (holder.owner !== told) server.log.info(`Waiting for ${holder.owner}, which holds the mail host.`);
    told = holder.owner;
  }
}

function stillBusy(host: HostSession, owner: string): KerioError {
  return new KerioError("RENAME_BUSY", {
    object: `mail host ${host.description}`,
    doing: `waiting ${waitForOthers} seconds for another run`,
    happened: `it is still held by ${owner}`,
    next: "Nothing was touched. One run at a time holds a host, whichever mail server on it is meant. Let that run end, then run `pulumi up` again.",
  });
}

/**
 * The lock, with what is true while we hold it: another run may have changed accounts while we waited for it, and after
 * a run that died the engine may be on its way down and up again. However often that is met, others are waited for no
 * longer than `wait` seconds in all.
 */
async function takeHost(
  server: MailServer,
  host: HostSession,
  domains: string[],
  wait: number,
): Promise<{ facts: HostFacts; supervisor: Supervisor }> {
  const { stop, start, supervisor: silence } = server.settings.timeouts;
  const turn = Deadline.in(wait);
  let deadline: Deadline | undefined;
  let hasHeld = false;
  let unsuitable = 0;
  for (;;) {
    let supervisor: Supervisor | undefined;
    try {
      server.inventory.invalidate();
      const facts = await lookAtHost(server, host, domains);
      const accounts = await accountsOf(server, domains);
      supervisor = await startSupervisor(host, settingsFor(server, facts, accounts), {
        wait: Math.ceil(turn.remaining() / 1000),
        log: server.log,
      });
      // Whoever held the host may have had it for long.
      if (!hasHeld) deadline = undefined;
      hasHeld = true;
      server.inventory.invalidate();
      const now = await accountsOf(server, domains);
      if (JSON.stringify(now) === JSON.stringify(accounts)) return { facts, supervisor };
      server.log.progress("The server's users have changed meanwhile; looking again.");
      return { facts: await lookAnew(server, host, domains, supervisor), supervisor };
    } catch (error) {
      deadline ??= Deadline.in(stop + start + silence);
      // An engine that is on its way down still answers, or has answered a moment ago, and its process is not there.
      const isBetween =
        codeOf(error) === "HOST_UNSUITABLE" && (++unsuitable < 3 || (await lockHolder(host)) !== undefined);
      const isComingBack = (isAway(error) || isBetween) && !deadline.passed() && (await endDeadRun(server, host));
      if (!isComingBack) {
        if (supervisor) await giveBack(server, supervisor);
        throw isAway(error) ? await whyAway(server, host, error) : error;
      }
      server.log.progress("A run died a moment ago; waiting for the mail server to come back.");
      server.client.forget();
      await sleep(1000);
    }
    if (supervisor) await giveBack(server, supervisor);
  }
}

/** What is true of the host now, for a run that holds it; the server's accounts are counted anew at the stop. */
export async function lookAnew(
  server: MailServer,
  host: HostSession,
  domains: string[],
  supervisor: Supervisor,
): Promise<HostFacts> {
  server.inventory.invalidate();
  await supervisor.nameAccounts(await accountsOf(server, domains));
  return lookAtHost(server, host, domains);
}

async function giveBack(server: MailServer, supervisor: Supervisor): Promise<void> {
  try {
    await supervisor.finish();
  } catch (error) {
    if (codeOf(error) === "LOCK_LOST") return;
    server.log.warn(`The lock on the mail host could not be given back, it frees itself: ${messageOf(error)}`);
  }
}

function settingsFor(server: MailServer, facts: HostFacts, accounts: Account[]): SupervisorSettings {
  const { timeouts } = server.settings;
  return {
    run: newRunId(),
    owner: `${userInfo().username}@${hostname()} pid ${process.pid}${server.caller ? `, ${server.caller}` : ""}`,
    service: facts.service,
    programDirectory: facts.programDirectory,
    store: facts.store,
    heartbeat: timeouts.supervisor,
    stopTimeout: timeouts.stop,
    startTimeout: timeouts.start,
    accounts,
  };
}

async function accountsOf(server: MailServer, domains: string[]): Promise<Account[]> {
  const accounts: Account[] = [];
  for (const domain of domains) {
    for (const user of await server.inventory.users(domain)) accounts.push({ name: user.loginName, domain });
  }
  return accounts;
}
