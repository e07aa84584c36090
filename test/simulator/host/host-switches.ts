/** Settings of the host that the facts leave open, or that differ between real hosts. Fixed while the host runs. */
export const hostSwitches = {
  /** Which init system the host has; only that one's commands exist on the login's PATH. */
  "init-system": { default: "systemd", values: ["systemd", "sysv", "launchd"] },
  /** What follows a crash: the unit in circulation says `Restart=on-failure`; `auto` = so under systemd and launchd. */
  restart: { default: "auto", values: ["auto", "on-failure", "no"] },
  /** Whether a start command waits until the engine answers (a 2018 log shows 19 s "Starting") or returns at once. */
  "start-returns": { default: "ready", values: ["ready", "at-once"] },
  /** Milliseconds before a started engine answers. Real ones need many seconds; tests want them short. */
  "start-delay-ms": { default: "300" },
  /** Milliseconds an orderly stop takes; nobody has measured a real one. */
  "stop-delay-ms": { default: "100" },
  /** Seconds until a stop that takes too long ends in SIGKILL. The unit names none, so systemd's default holds. */
  "stop-timeout-sec": { default: "90" },
  /** The name of the SSH login; any other than `root` needs `sudo` for service control. */
  "ssh-user": { default: "root" },
  /** What `sudo` does for such a login. */
  sudo: { default: "nopasswd", values: ["nopasswd", "password", "absent"] },
  /** Licence seats of the engine. */
  "licence-seats": { default: "25" },
} as const satisfies Record<string, { default: string; values?: readonly string[] }>;

/** The name of a switch of the host. */
export type HostSwitch = keyof typeof hostSwitches;

/** All switches as given: the host's and, unchecked, the engine's. */
export type Switches = Readonly<Record<string, string>>;

/** The value of a switch of the host: as given, or its default. Throws on a value the switch does not know. */
export function hostSwitch(switches: Switches, name: HostSwitch): string {
  const row: { default: string; values?: readonly string[] } = hostSwitches[name];
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
