import { harm } from "./harm";
import type { Moment, Trouble } from "./trouble";

/** What strikes a mail host at any moment, and what it looks like then. */
interface Strike extends Pick<Trouble, "begin" | "cure" | "prepare" | "restore" | "staysParked"> {
  at: Readonly<Record<Moment, Pick<Trouble, "server" | "next" | "tells" | "stops" | "forgets">>>;
}

const moments = {
  before: "before the stop",
  stopped: "with the service stopped",
  moved: "with the mailbox moved",
  held: "while services are held",
  released: "with the services released",
} as const satisfies Record<Moment, string>;

const anew = { fate: "roll-back", text: "removes what was made and begins anew" } as const;
const goesOn = { fate: "finish", text: "goes on from here" } as const;
const roomAnew = { fate: "roll-back", text: "once there is room, the next one begins anew" } as const;
const roomGoesOn = { fate: "finish", text: "once there is room, the next one goes on from here" } as const;
const nothing = { fate: "finish", text: "nothing: the run ends by itself" } as const;

const cut = /^(RENAME_OPEN|RENAME_ROLLED_BACK|LOCK_LOST|SSH_FAILED|CONNECTION_FAILED)/;
const lost = /^(LOCK_LOST|RENAME_OPEN|SESSION_EXPIRED|CONNECTION_FAILED)/;
const full = /^(RENAME_OPEN|RENAME_ROLLED_BACK|LOCK_LOST|SSH_FAILED)/;
const bothThere = "the mailbox bears the new name, both accounts are there";
const renamed = "renamed";
const bothDead = "Where that run is dead too, the next one does, and until then";

const all = {
  "the host reboots": {
    begin: harm.reboot,
    cure: harm.forgetReboot,
    staysParked: true,
    at: {
      before: { server: "as before: the service manager has started the service", next: anew, tells: cut, stops: 1 },
      stopped: { server: "as before: the service manager has started the service", next: anew, tells: cut, stops: 2 },
      moved: { server: bothThere, next: goesOn, tells: cut, stops: 1 },
      held: { server: `${bothThere}, every listener is open`, next: goesOn, tells: cut, stops: 1 },
      released: {
        server:
          "renamed; where the engine had not written the removal down, the old account is there again, without mailbox",
        next: { fate: "finish", text: "goes on from here, and removes the old account once more" },
        tells: cut,
        stops: 1,
        forgets: true,
      },
    },
  },
  "the supervisor is killed": {
    begin: (lane) => Promise.resolve(harm.kill(lane, "main")),
    at: {
      before: { server: "as before: the service was never stopped", next: anew, tells: lost, stops: 1 },
      stopped: {
        server: "as before: its guard has taken the move back and started the service",
        next: anew,
        tells: lost,
        stops: 2,
      },
      moved: {
        server: "as before: its guard has taken the move back and started the service",
        next: anew,
        tells: lost,
        stops: 2,
      },
      held: {
        server: "its guard has restarted the engine, so every listener is open",
        next: goesOn,
        tells: lost,
        stops: 2,
      },
      released: { server: renamed, next: goesOn, tells: lost, stops: 1 },
    },
  },
  "the guard is killed": {
    begin: (lane) => Promise.resolve(harm.kill(lane, "guard")),
    at: {
      before: { server: renamed, next: nothing, tells: /^finished/, stops: 1 },
      stopped: { server: renamed, next: nothing, tells: /^finished/, stops: 1 },
      moved: { server: renamed, next: nothing, tells: /^finished/, stops: 1 },
      held: { server: renamed, next: nothing, tells: /^finished/, stops: 1 },
      released: { server: renamed, next: nothing, tells: /^finished/, stops: 1 },
    },
  },
  "supervisor and guard are killed": {
    begin: (lane) => Promise.resolve(harm.kill(lane, "guard", "main")),
    at: {
      before: { server: "as before: the service was never stopped", next: anew, tells: lost, stops: 1 },
      stopped: {
        server: `as before: the run that finds them dead starts the service. ${bothDead} the service is down`,
        next: anew,
        tells: lost,
        stops: 2,
      },
      moved: {
        server: `as before: the run that finds them dead takes the move back and starts the service. ${bothDead} the service is down`,
        next: anew,
        tells: lost,
        stops: 2,
      },
      held: {
        server: `the run that finds them dead opens the services. ${bothDead} the listeners are closed`,
        next: goesOn,
        tells: lost,
        stops: 2,
      },
      released: { server: renamed, next: goesOn, tells: lost, stops: 1 },
    },
  },
  "the disk is full": {
    begin: (lane) => Promise.resolve(harm.fill(lane)),
    cure: harm.makeRoom,
    prepare: harm.mount,
    restore: harm.unmount,
    at: {
      before: { server: "as before", next: roomAnew, tells: full, stops: 1 },
      stopped: {
        server: "as before: the supervisor starts the service without a record",
        next: roomAnew,
        tells: full,
        stops: 2,
      },
      moved: {
        server: "as before: the supervisor takes the move back and starts the service without a record",
        next: roomAnew,
        tells: full,
        stops: 2,
      },
      held: { server: bothThere, next: roomGoesOn, tells: full, stops: 2 },
      released: { server: renamed, next: roomGoesOn, tells: full, stops: 1 },
    },
  },
} as const satisfies Record<string, Strike>;

export type StrikeName = `${keyof typeof all} ${(typeof moments)[Moment]}`;

/** Everything that can strike, at each moment. */
export const strikes = Object.fromEntries(
  Object.entries<Strike>(all).flatMap(([what, { at, ...strike }]) =>
    (Object.keys(moments) as Moment[]).map((when) => [`${what} ${moments[when]}`, { ...strike, ...at[when], when }]),
  ),
) as Record<StrikeName, Trouble>;
