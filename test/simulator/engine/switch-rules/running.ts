import type { SwitchRule } from "./switch-rule.js";

/** The running server: mail, services, configuration. */
export const runningSwitches = {
  "disabled-delivery": {
    values: ["reject", "accept", "defer"],
    standard: "reject",
    reason:
      "only known: a disabled account does not forward. `defer`: refused for now, so that the sender comes again; what is in the queue already waits there",
  },
  "disabled-resource": {
    values: ["reject", "accept"],
    standard: "reject",
    reason: "a resource can be disabled; what becomes of its mail is not said. `reject`: as with a disabled account",
  },
  "list-posting": {
    values: ["anybody", "moderated", "bounced"],
    standard: "anybody",
    reason:
      "a list has a rule each for members, for others and for moderators; what becomes of mail of those whom it does not let post is not said. `anybody`: no mail is kept from its readers by a guess. `moderated`: the moderators get it instead of the list, and it comes back where there are none. `bounced`: it comes back. PostAccordingMembership lets a moderator do what members or others may, and of the others nobody",
  },
  "queue-while-held": {
    values: ["hold", "deliver"],
    standard: "hold",
    reason: "whether the queue, and mail fetched from elsewhere in it, goes on while SMTP is stopped is open",
  },
  "ignore-service-stop": {
    values: ["no", "yes"],
    standard: "no",
    reason: "a stop that is answered but has no effect must not lose mail",
  },
  "service-stop-cuts": {
    values: ["connections", "listener"],
    standard: "connections",
    reason:
      "whether Services.stop cuts connections that are open is open; only a stop of the server is documented to kill all",
  },
  "config-save": {
    values: ["at-stop", "now-and-then", "after-change"],
    standard: "at-stop",
    reason:
      "documented for 5 and 6: written when the engine stops; whether newer ones save in between is open. `now-and-then`: every second, so that a test meets it",
  },
  "init-system": {
    values: ["systemd", "sysv", "launchd"],
    standard: "systemd",
    reason: "the host's; the engine tells by it whether it runs on Linux or on macOS",
  },
} as const satisfies Record<string, SwitchRule>;
