import type { SwitchRule } from "./switch-rule.js";

/** Names and addresses: which are allowed, and where they lead. */
export const nameSwitches = {
  "login-name-signs": {
    values: ["with-plus", "without-plus"],
    standard: "with-plus",
    reason:
      "“no special characters” is documented, the set is not; letters, digits and dots were seen, + is what mail systems differ in",
  },
  "longest-login-name": {
    values: "number",
    standard: "64",
    reason:
      "a limit in bytes is among the restrictions the definition knows, the number is not published; 64 is that of a local part",
  },
  "reserved-names": {
    values: ["special-accounts", "none"],
    standard: "special-accounts",
    reason:
      "names are forbidden for the file system or the store, says the definition, not which; anyone and authuser are built in",
  },
  "alias-name-signs": {
    values: ["with-plus", "without-plus"],
    standard: "with-plus",
    reason: "letters are documented for the name of an alias, the rest of the list was not read",
  },
  "alias-or-user": {
    values: ["alias", "user"],
    standard: "alias",
    reason: "the 6.7 guide lets `jwayne → info` and `jwayne → jwayne` deliver to both, so the alias is asked first",
  },
  "name-or-address": {
    values: ["name", "address"],
    standard: "name",
    reason:
      "an account may bear among its addresses what is another's login name where `address-of-another` allows it; findEntityByEmail marks one that wins, which one is not said",
  },
  "duplicate-alias": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason: "several rows of one name are legal in 6.7; what becomes of one with the same target as well is open",
  },
  "second-alias": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason: "several rows of one name with a target each are legal in 6.7; whether 10.x lets them through is open",
  },
  "alias-beside-user": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason: "an alias may carry an account's name in 6.7; whether 10.x lets that through is open",
  },
  "user-beside-alias": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason:
      "an account and an alias may have one name in 6.7, and the note on findEntityByEmail calls duplicates often permitted; whether 10.x takes an account where such an alias is there already is open",
  },
  "alias-beside-address": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason: "whether an alias may carry what is among an account's emailAddresses is open; they are two stores",
  },
  "address-beside-alias": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason:
      "whether an account may get among its emailAddresses what is an alias already is open; the note on findEntityByEmail calls duplicates often permitted",
  },
  "address-of-another": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason:
      "whether an account may get among its emailAddresses the login name or an extra address of another one is open; the note on findEntityByEmail calls duplicates often permitted",
  },
  "deliver-to": {
    values: ["as-given", "completed"],
    standard: "as-given",
    reason: "whether a bare login is completed with the domain is open",
  },
  "public-folder-target": {
    values: ["as-given", "bare"],
    standard: "as-given",
    reason: "deliverTo is an address or a public folder name; whether the name comes back with #public/ is open",
  },
  "email-addresses": {
    values: ["local", "full"],
    standard: "local",
    reason: "a client of 10.0.9 sends local parts; the form returned is open",
  },
  "email-address-case": {
    values: ["lower", "as-given"],
    standard: "lower",
    reason:
      "whether an extra address keeps its capital letters is open; every example seen is in small letters. Mail finds it in any case",
  },
  "full-email-address": {
    values: ["taken", "refused"],
    standard: "taken",
    reason: "a client sends extra addresses as local parts; whether one with the domain is taken is open",
  },
  "foreign-email-address": {
    values: ["cut", "refused"],
    standard: "cut",
    reason:
      "what becomes of an extra address with another domain is open. `cut`: it is kept without it, as one with the own domain is",
  },
  "domain-rename": {
    values: ["at-restart", "at-once"],
    standard: "at-restart",
    reason: "Domains.rename starts a process and shows both names meanwhile; that it takes a restart is assumed",
  },
} as const satisfies Record<string, SwitchRule>;
