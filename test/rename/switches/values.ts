import { switchRules, type SwitchName, type SwitchRule } from "../../simulator/engine/switches";
import { hostSwitches, type HostRule, type HostSwitch } from "../../simulator/host/host-switches";

/** Values of switches, by name; what is not named has its standard. */
export type Chosen = Readonly<Record<string, string>>;

/** One switch with the values that a rename is played under. */
export interface Factor {
  name: string;
  /** Engine switches are changed while the server runs; a host has its own from its start. */
  owner: "engine" | "host" | "provider" | "program";
  /** In force unless a combination says otherwise. */
  standard: string;
  others: readonly string[];
}

/** What stands for a number or a text, beside the default. A switch of that kind without a line here is an error. */
const samples: Readonly<Record<string, readonly string[]>> = {
  "removal-delay-ms": ["1500"],
  "login-refused-code": ["32000"],
  // The number that is known for a licence without a seat, and that a client's table calls "forbidden".
  "user-taken-code": ["1003"],
  "alias-taken-code": ["1003"],
  "invalid-name-code": ["1003"],
  "password-refused-code": ["1003"],
  "unknown-id-code": ["1003"],
  "own-account-code": ["1003"],
  "wrong-token-code": ["1004"],
  // The names of the scene are shorter, and so must be whatever a rename makes.
  "longest-login-name": ["20"],
  // The least that the server's settings can say.
  "session-idle-minutes": ["1"],
  "session-longest-minutes": ["1"],
  // Less than a server can be imagined to take, and more than a bulk call of three people needs.
  "largest-request-bytes": ["16384"],
  // Shorter than a window: what the provider has kept open is gone when it comes back.
  "silent-connection-seconds": ["2"],
  "start-delay-ms": ["1500"],
  "stop-delay-ms": ["700"],
  "stop-timeout-sec": ["20"],
  "ssh-user": ["mailadmin"],
  // Just the people of the scene, its newcomer included: nobody ever takes two seats.
  "licence-seats": ["3"],
};

/** Switches that no rename can meet, and why: they are not played. */
export const unseen: Readonly<Partial<Record<SwitchName, string>>> = {
  "higher-rights-code": "the login is the built-in administrator's, and nobody stands above it",
  "foreign-email-address": "an account gets the addresses that it had, and those are of its domain",
  "mobile-devices": "the provider asks for no devices",
  "disabled-resource": "a rename sends no mail to a room, and leaves it enabled or disabled as it is",
  "batch-arrays": "each call travels by itself",
  "queue-without-query": "nobody looks into the queue",
  "form-token": "the login is made by the API, not by the form",
  "login-refused-text": "without a login there is no rename; the text is passed on as it is",
  "removed-references": "a rename never has references removed",
};

/** What came before the update. */
export const attempts = ["none", "taken back", "killed with the service stopped", "killed at the removal"] as const;
export type Attempt = (typeof attempts)[number];

/** Quicker than the standards of a host that somebody looks at. */
export const quick: Chosen = { "start-delay-ms": "100", "stop-delay-ms": "30" };

/** What a rename must be refused under, before anything is touched, and what it says then. */
export const refusals: readonly { switches: Chosen; says: RegExp }[] = [
  {
    switches: { "directory-access": "no" },
    says: /listing the directories.*Insufficient rights.*Give the login Admin the role of a full administrator/s,
  },
  { switches: { "ssh-user": "mailadmin", sudo: "password" }, says: /SSH user mailadmin.*NOPASSWD/s },
  { switches: { "ssh-user": "mailadmin", sudo: "absent" }, says: /SSH user mailadmin.*NOPASSWD/s },
];

/** What a rename must be taken back under, with everything as it was, and what it says then. */
export const rollBacks: readonly { switches: Chosen; says: RegExp }[] = [
  {
    // The service manager kills an engine that is not done with its stop; what it had not written yet would be lost.
    switches: { "stop-timeout-sec": "1", "stop-delay-ms": "2500", "config-save": "after-change" },
    says: /did not end by itself but was killed.*RENAME_ROLLED_BACK/s,
  },
  // The engine is there again before a directory is moved.
  {
    switches: { watchdog: "yes" },
    says: /(a server process|the service is active|does not report).*RENAME_ROLLED_BACK/s,
  },
];

/** Whether a rename is refused or taken back under these values. */
export function isRefused(chosen: Chosen): boolean {
  return [...refusals, ...rollBacks].some(({ switches }) =>
    Object.entries(switches).every(([name, value]) => chosen[name] === value),
  );
}

/** Where a property of the host makes a difference at all. */
const wherever: Readonly<Record<string, Chosen>> = {
  "launchd-label": { "init-system": "launchd" },
  sudo: { "ssh-user": "mailadmin" },
};

/** One value with what it needs to make a difference. */
export function alone(name: string, value: string): Chosen {
  return { ...wherever[name], [name]: value };
}

/**
 * Every switch of the stand-in that a rename can meet, from its own tables, the order of the provider's steps, and who
 * becomes whom.
 */
export const factors: readonly Factor[] = [
  ...Object.entries(switchRules as Record<string, SwitchRule>)
    .filter(([name]) => !(name in hostSwitches) && !(name in unseen))
    .map(([name, { values, standard }]) => factorOf("engine", name, standard, values)),
  ...Object.entries(hostSwitches as Record<HostSwitch, HostRule>).map(([name, rule]) =>
    factorOf("host", name, quick[name] ?? rule.default, rule.values),
  ),
  { name: "kerio:renameOrder", owner: "provider", standard: "accountFirst", others: ["article"] },
  { name: "update", owner: "program", standard: "pair", others: ["chain", "swap"] },
  { name: "earlier-attempt", owner: "program", standard: "none", others: attempts.slice(1) },
];

/** Those of the stand-in: the rest is asked of the provider. */
export function ofStandIn(chosen: Chosen): Chosen {
  const theirs = factors.filter(({ owner }) => owner === "engine" || owner === "host").map(({ name }) => name);
  return Object.fromEntries(Object.entries(chosen).filter(([name]) => theirs.includes(name)));
}

function factorOf(
  owner: Factor["owner"],
  name: string,
  standard: string,
  values: readonly string[] | "number" | undefined,
): Factor {
  const known = values === undefined || values === "number" ? samples[name] : values;
  if (known === undefined) throw new Error(`switch ${name} takes any value: name one for the renames in ${__filename}`);
  const others = known.filter((value) => value !== standard && !isRefused({ [name]: value }));
  return { name, owner, standard, others };
}
