import type { SwitchRule } from "./switch-rule.js";

/** Refusals: their codes, texts and places. */
export const refusalSwitches = {
  "bulk-refusals": {
    values: ["items", "call", "names", "ids"],
    standard: "items",
    reason:
      "operations on lists answer by item, say the vendor's pages; where a taken or invalid name, a password against the policy or an unknown id stands was not seen. `call`: the first refusal is that of the whole call, of which nothing is done; `names`: so it is but for an unknown id, which stands by its item; `ids`: for an unknown id alone",
  },
  "refusal-texts": {
    values: ["with-parameters", "plain", "empty"],
    standard: "with-parameters",
    reason:
      "the definition has a text with placeholders and what fills them beside it; which refusals are written so was not seen. `plain`: the text is whole and nothing stands beside it; `empty`: there is none",
  },
  "login-refused-code": {
    values: "number",
    standard: "1000",
    reason: "only the text of a refused login is known, not its code",
  },
  "login-refused-text": {
    values: ["with-stop", "without-stop"],
    standard: "with-stop",
    reason: "the vendor quotes “Username or password is not correct” twice, once with a full stop and once without",
  },
  "unprivileged-login": {
    values: ["denied", "refused"],
    standard: "denied",
    reason:
      "what an account without rights is told that logs in to the administration is open. `refused`: the same as for a wrong password",
  },
  "user-taken-code": {
    values: "number",
    standard: "1001",
    reason: "1001 is “already exists” in a client's table; whether Users.create gives it for a taken name is open",
  },
  "alias-taken-code": {
    values: "number",
    standard: "1001",
    reason: "the same for Aliases.create, where it refuses at all: see duplicate-alias and those after it",
  },
  "invalid-name-code": {
    values: "number",
    standard: "1000",
    reason: "the code for a login name that is not allowed is open; 1000 is the general refusal",
  },
  "password-refused-code": {
    values: "number",
    standard: "1000",
    reason: "the code for a password against the policy is open; 1000 is the general refusal",
  },
  "unknown-id-code": {
    values: "number",
    standard: "1002",
    reason: "1002 is “does not exist” in a client's table; whether set and remove give it for an unknown id is open",
  },
  "own-account-code": {
    values: "number",
    standard: "1004",
    reason: "nobody removes or disables the own account; with which code is open, 1004 is “access denied”",
  },
  "higher-rights-code": {
    values: "number",
    standard: "1004",
    reason: "nobody removes or changes an account of higher rights; with which code is open, 1004 is “access denied”",
  },
  "wrong-token-code": {
    values: "number",
    standard: "-32001",
    reason: "the code for a live cookie without its token is open; -32001 is that of a call without a session",
  },
  "ended-session-text": {
    values: ["anonymous", "not-logged-in"],
    standard: "anonymous",
    reason:
      "the code -32001 of a session that is over is known, its text is not: that of an anonymous call, or the sister product's",
  },
  "second-backup": {
    values: ["refused", "ignored"],
    standard: "refused",
    reason: "what Backup.start answers while one runs is open",
  },
} as const satisfies Record<string, SwitchRule>;
