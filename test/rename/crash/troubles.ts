import { harm } from "./harm";
import type { Lane } from "./lane";
import { strikes, type StrikeName } from "./strikes";
import type { Trouble } from "./trouble";

const rolledBack = /^RENAME_ROLLED_BACK/;
const fault =
  (...args: Parameters<Lane["simulator"]["control"]["fault"]>) =>
  (lane: Lane) =>
    lane.simulator.control.fault(...args);

/** The trouble in which the engine forgets what was changed since its start. */
export const unwritten = "the stop is killed by its timeout, nothing is written" as const;

/** What can go wrong with the service itself, and where a mailbox is moved. */
const ofTheService = {
  "the engine refuses to stop": {
    server: "as before: no directory was touched",
    next: { fate: "roll-back", text: "the run itself removes the new account and says why; the next one begins anew" },
    when: "before",
    begin: fault("stop-refused", { times: 1 }),
    tells: rolledBack,
    stops: 1,
  },
  [unwritten]: {
    server: "as before, with the configuration of the last orderly stop",
    next: { fate: "roll-back", text: "the same; the engine may have forgotten what was changed since its last start" },
    when: "before",
    begin: fault("stop-timeout", { times: 1 }),
    tells: rolledBack,
    stops: 2,
  },
  "the engine does not come back at first": {
    server: "the supervisor tries the start again, for a day",
    next: {
      fate: "finish",
      text: "the run says that the service does not run; the next one goes on from what it finds",
    },
    when: "stopped",
    begin: fault("start-fails", { times: 3 }),
    tells: /^RENAME_(OPEN|ROLLED_BACK)/,
    stops: 2,
  },
  "the engine comes back slowly": {
    server: "renamed",
    next: { fate: "finish", text: "nothing: the run waits for `kerio:timeouts.start`" },
    when: "stopped",
    begin: fault("start-slow", { times: 1, ms: 4000 }),
    tells: /^finished/,
    stops: 1,
  },
  "the engine crashes on start and is restarted": {
    server: "renamed",
    next: { fate: "finish", text: "nothing: the run waits for the service manager's own restart" },
    when: "stopped",
    begin: fault("crash-on-start", { times: 1 }),
    tells: /^finished/,
    stops: 1,
  },
  "somebody starts the engine in the window": {
    server: "as before: nothing is moved beside a running engine",
    next: { fate: "as told", text: "the run itself removes the new account and says why; the next one begins anew" },
    when: "stopped",
    begin: (lane) => lane.simulator.control.command("start"),
    tells: /^RENAME_ROLLED_BACK|^finished/,
    stops: 2,
  },
  "mv is not permitted": {
    server: "as before: the service has been started again",
    next: { fate: "roll-back", text: "the run itself removes the new account and says why; the next one begins anew" },
    when: "before",
    begin: (lane) => Promise.resolve(harm.refuseMv(lane)),
    cure: harm.allowMv,
    prepare: harm.preparedMv,
    restore: harm.forgetMv,
    tells: rolledBack,
    stops: 2,
  },
} as const satisfies Record<string, Trouble>;

/** Every trouble, by what it is; what can strike at any moment strikes at each. */
export const troubles: Readonly<Record<TroubleName, Trouble>> = { ...ofTheService, ...strikes };

export type TroubleName = keyof typeof ofTheService | StrikeName;

/** Why a trouble cannot be had on this machine; undefined where it can. */
export function whyNot(name: TroubleName): string | undefined {
  return name.startsWith("the disk is full") ? harm.whyNotFill() : undefined;
}
