import type { HostSwitch } from "../simulator/host/host-switches";
import type { Fact } from "./sources";

/** What is known of each switch of the host: no question of the contract reaches the machine. */
export const hostFacts: Readonly<Record<HostSwitch, Fact>> = {
  "init-system": {
    source: "unit",
    says: "there are a unit, an init script and a property list for launchd",
  },
  "launchd-label": {
    source: "cask",
    says: "it unloads com.kerio.mailserver.plist, and KerioConnect is given as the job's label besides",
  },
  restart: {
    source: "unit",
    says: "`Restart=on-failure`, so a crash is followed by a start and an orderly stop is not",
  },
  watchdog: {
    source: "components",
    says: "the Monitor is a program of its own that goes on running; not whether it starts an engine that was stopped",
  },
  "start-returns": {
    source: "forum",
    says: "19 s between “Starting” and “Started”; not what stands for the second one",
  },
  "start-delay-ms": { source: "forum", says: "19 s on one host" },
  "stop-delay-ms": { source: "configuration", says: "the files are written at the stop; not how long that takes" },
  "stop-timeout-sec": { source: "unit", says: "the unit names none, so that the 90 s of systemd hold" },
  "ssh-user": { source: "unit", says: "the unit names no user, so the engine runs as root and its files are root's" },
  sudo: { source: "unit", says: "nothing of another login: what `sudo` lets it do is the host's own affair" },
  "licence-seats": { source: "licences", says: "enabled accounts count; their number is what was bought" },
};
