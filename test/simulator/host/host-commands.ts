import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { hostSwitch, type Switches } from "./host-switches";
import type { Layout } from "./layout";
import { linkOrdinaryTools } from "./ordinary-tools";
import { quoted } from "./quoted";
import { shimBody } from "./shim-body";

/** Commands of an init system, and others that the host answers in its own way; a real one must not be found. */
const ours = [
  "systemctl",
  "service",
  "launchctl",
  "rc-service",
  "invoke-rc.d",
  "initctl",
  "journalctl",
  "kerio-connect",
];
const hidden = new Set([...ours, "sudo", "id"]);

/** The commands each init system brings; on systemd hosts `service` hands over to systemctl, and the init script is there, too. */
const brought: Record<string, string[]> = {
  systemd: ["systemctl", "service", "kerio-connect"],
  sysv: ["service", "kerio-connect"],
  launchd: ["launchctl", "uname"],
};

/**
 * Fills DIR/bin with the host's own commands and DIR/tools with links to the machine's ordinary ones; gives the PATH
 * of a login.
 */
export function installCommands(layout: Layout, switches: Switches): string {
  rmSync(layout.binDir, { recursive: true, force: true });
  rmSync(layout.toolsDir, { recursive: true, force: true });
  mkdirSync(layout.binDir, { recursive: true });
  mkdirSync(dirname(layout.initScript), { recursive: true });
  linkOrdinaryTools(layout.toolsDir, hidden);
  const init = hostSwitch(switches, "init-system");
  for (const name of brought[init] ?? []) script(join(layout.binDir, name), bodyOf(name, init, layout));
  if (init !== "launchd") script(layout.initScript, bodyOf("kerio-connect", init, layout));
  const sudo = hostSwitch(switches, "sudo");
  const user = hostSwitch(switches, "ssh-user");
  script(join(layout.binDir, "id"), idBody(user, layout));
  if (sudo !== "absent") script(join(layout.binDir, "sudo"), sudoBody(sudo));
  return [layout.binDir, layout.toolsDir].join(delimiter);
}

function bodyOf(name: string, init: string, layout: Layout): string {
  if (name === "uname") return unameBody(layout);
  if (name === "service" && init === "systemd") return serviceOnSystemd;
  return shimBody(layout.socketFile, name);
}

/** As Debian's own `service` does where systemd runs. */
const serviceOnSystemd = [
  'name="$1"; verb="$2"',
  'if [ -z "$verb" ]; then echo "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]" >&2; exit 1; fi',
  'exec systemctl "$verb" "$name.service"',
].join("\n");

/** A macOS host says so; everything else of `uname` is the machine's. */
function unameBody(layout: Layout): string {
  const real = quoted(join(layout.toolsDir, "uname"));
  return `case "$*" in ""|-s) echo Darwin ;; *) exec ${real} "$@" ;; esac`;
}

/** The login's idea of who it is; the machine's own answer would betray the user who runs the stand-in. */
function idBody(user: string, layout: Layout): string {
  const lines = [
    'uid="${STAND_IN_UID:-0}"',
    `if [ "$uid" = 0 ]; then name=root; else name=${quoted(user)}; fi`,
    'case "$*" in',
    '-u|-ru|-ur|-g) echo "$uid" ;;',
    '-un|-nu|-gn) echo "$name" ;;',
    '"") echo "uid=$uid($name) gid=$uid($name) groups=$uid($name)" ;;',
    `*) for dir in /usr/bin /bin; do if [ -x "$dir/id" ]; then exec "$dir/id" "$@"; fi; done; exit 127 ;;`,
    "esac",
  ];
  return `# ${layout.dir}\n${lines.join("\n")}`;
}

function sudoBody(kind: string): string {
  const refuse = 'echo "sudo: a password is required" >&2; exit 1';
  return [
    'while [ $# -gt 0 ]; do case "$1" in',
    "-u) shift; shift ;;",
    "-n|--non-interactive|-H|-E|-S|-k|-l|-v) shift ;;",
    "--) shift; break ;;",
    "*) break ;;",
    "esac; done",
    kind === "password" ? `if [ "$STAND_IN_UID" != 0 ]; then ${refuse}; fi` : ":",
    "if [ $# -eq 0 ]; then exit 0; fi",
    'exec env STAND_IN_UID=0 "$@"',
  ].join("\n");
}

function script(file: string, body: string): void {
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}
