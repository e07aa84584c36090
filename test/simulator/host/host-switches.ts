/** One property of the host. */
export interface HostRule {
  /** Allowed values; left out, any text, or what a number is. */
  values?: readonly string[];
  default: string;
  /** What it is, and what speaks for the default. */
  reason: string;
}

/** Settings of the host that the facts leave open, or that differ between real hosts. Fixed while the host runs. */
export const hostSwitches = {
  "init-system": {
    default: "systemd",
    values: ["systemd", "sysv", "launchd"],
    reason: "which init system the host has; only that one's commands exist on the login's PATH",
  },
  "launchd-label": {
    default: "com.kerio.mailserver",
    values: ["com.kerio.mailserver", "KerioConnect"],
    reason:
      "the label of launchd's job, where the host has launchd; sources name two. The default is the name of its property list",
  },
  restart: {
    default: "auto",
    values: ["auto", "on-failure", "no"],
    reason:
      "what follows a crash: the unit in circulation says `Restart=on-failure`; `auto` = so under systemd and launchd",
  },
  watchdog: {
    default: "no",
    values: ["no", "yes"],
    reason: "whether the product's monitor or updater starts an engine that was stopped in order: not documented",
  },
  "start-returns": {
    default: "ready",
    values: ["ready", "at-once"],
    reason:
      "whether a start command waits until the engine answers (a 2018 log shows 19 s “Starting”) or returns at once",
  },
  "start-delay-ms": {
    default: "300",
    reason: "milliseconds before a started engine answers. Real ones need many seconds; tests want them short",
  },
  "stop-delay-ms": { default: "100", reason: "milliseconds an orderly stop takes; nobody has measured a real one" },
  "stop-timeout-sec": {
    default: "90",
    reason:
      "seconds until a stop that takes too long ends in SIGKILL. The unit names none, so systemd's default holds; of an init script and of launchd nothing is known, and the same holds there",
  },
  "ssh-user": {
    default: "root",
    reason: "the name of the SSH login; any other than `root` needs `sudo` for service control",
  },
  sudo: {
    default: "nopasswd",
    values: ["nopasswd", "password", "absent"],
    reason: "what `sudo` does for such a login",
  },
  "licence-seats": { default: "25", reason: "licence seats of the engine" },
} as const satisfies Record<string, HostRule>;

/** The name of a switch of the host. */
export type HostSwitch = keyof typeof hostSwitches;

/** All switches as given: the host's and, unchecked, the engine's. */
export type Switches = Readonly<Record<string, string>>;

/** The value of a switch of the host: as given, or its default. Throws on a value the switch does not know. */
export function hostSwitch(switches: Switches, name: HostSwitch): string {
  const row: HostRule = hostSwitches[name];
  const value = switches[name] ?? row.default;
  if (row.values && !row.values.includes(value)) {
    throw new Error(`switch ${name}: "${value}" is none of ${row.values.join(", ")}`);
  }
  return value;
}

/** The same for a switch whose value is a number that is not negative. */
export function numericSwitch(switches: Switches, name: HostSwitch): number {
  const text = hostSwitch(switches, name);
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new Error(`switch ${name}: "${text}" is not a number of zero or more`);
  }
  return value;
}
