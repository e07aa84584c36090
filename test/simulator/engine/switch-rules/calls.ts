import type { SwitchRule } from "./switch-rule.js";

/** Calls: queries, several in one, sessions, limits and rights. */
export const callSwitches = {
  "list-id": {
    values: ["always", "asked"],
    standard: "always",
    reason: "whether id comes along when `fields` does not name it is open",
  },
  "unknown-field": {
    values: ["ignored", "error", "conditions-dropped"],
    standard: "ignored",
    reason:
      "what a query does with a field that rows do not have is open; ignored, it is empty in every row. `conditions-dropped`: a condition on it does not count, so that every row fits",
  },
  "unknown-method": {
    values: ["error", "failed", "hang"],
    standard: "error",
    reason:
      "-32601 is the protocol's, and not confirmed; on 10.0.8 a call of an unknown method was seen to hang until the client gave up. `failed`: the general 1000",
  },
  "quick-search": {
    values: ["with-description", "names"],
    standard: "with-description",
    reason: "sources disagree whether QUICKSEARCH looks at the description besides the names; three fields are marked",
  },
  "quick-search-eq": {
    values: ["exact", "contains"],
    standard: "exact",
    reason:
      'the definition has QUICKSEARCH = "x" as loginName = "x" or fullName = "x"; whether a search by Eq looks for a part all the same, as one by Like does, was not seen',
  },
  "condition-case": {
    values: ["ignored", "exact"],
    standard: "ignored",
    reason: "login names have no letter case, says the manual; whether conditions of a query heed it is open",
  },
  "batch-arrays": {
    values: ["refused", "answered"],
    standard: "refused",
    reason:
      "no client sends the arrays of calls that JSON-RPC 2.0 has, and the product has Batch.run instead. `refused`: one error, that of a call without a method; `answered`: an array of answers, in the order of the calls",
  },
  "missing-query": {
    values: ["refused-to-auditor", "everything", "refused"],
    standard: "refused-to-auditor",
    reason:
      "on 10.0.8 a list that an auditor asked for without a query gave error 1000; whether for that, for the role or for both is open. `everything`: the list is answered as to an empty query; `refused`: whoever asks",
  },
  "queue-without-query": {
    values: ["hang", "as-others"],
    standard: "hang",
    reason:
      "on 10.0.8 Queue.get without parameters hung until the client gave up; whether for the missing query or for the role is open. `as-others`: see missing-query",
  },
  "batch-after-error": {
    values: ["go-on", "stop"],
    standard: "go-on",
    reason: "whether Batch.run stops at the first error is open",
  },
  "batch-answer": {
    values: ["list", "object"],
    standard: "list",
    reason:
      "the form of Batch.run's answer is open; the sister product gives a plain list. `object`: the list as its member `result`",
  },
  "form-token": {
    values: ["if-sent", "demanded"],
    standard: "if-sent",
    reason:
      "the login form of 10.x has a field kerio_csrf_token, which clients of earlier versions do not send; whether a form without it is taken is open, a wrong one never is",
  },
  "version-without-login": {
    values: ["yes", "no"],
    standard: "yes",
    reason:
      "Init alone is documented to need no login; a client asks for the version to know whom it speaks to, and whether it may before the login was not seen",
  },
  "session-idle-minutes": {
    values: "number",
    standard: "120",
    reason: "two hours in 6.7, not known for 10.x; holds until AdvancedOptions.set names another",
  },
  "session-longest-minutes": {
    values: "number",
    standard: "18720",
    reason: "312 hours in a guide of version 7, not known for 10.x; holds until AdvancedOptions.set names another",
  },
  "largest-request-bytes": {
    values: "number",
    standard: "67108864",
    reason: "code 413 for a request that is too large is known, the size at which it comes is not",
  },
  "null-member": {
    values: ["left-out", "refused"],
    standard: "left-out",
    reason:
      "clients in Go write a list of nothing as null, which is taken in any case; what becomes of null for a text, a number, a choice or a structure was not seen. Left out, since libraries of other languages write it for any member that nobody has filled in. `refused`: -32602",
  },
  "connection-after-answer": {
    values: ["kept", "closed"],
    standard: "kept",
    reason:
      "HTTP/1.1 keeps a connection unless it says otherwise, and the vendor's library asks for the end; a printed answer of a sister product says close, and what its client had asked for is not shown",
  },
  "silent-connection-seconds": {
    values: "number",
    standard: "120",
    reason:
      "how long a connection on which nothing comes is kept is open; a change counts for those that come after it",
  },
  "account-admin-domain": {
    values: ["own", "every"],
    standard: "own",
    reason: "an account administrator has accounts, groups, aliases and lists; whether of every domain is not said",
  },
  "account-admin-resources": {
    values: ["yes", "no"],
    standard: "yes",
    reason:
      "an account administrator has accounts, groups, aliases and lists; resources are not named, nor are they left out. `no`: they are only read",
  },
  "directory-access": {
    values: ["yes", "no"],
    standard: "yes",
    reason: "Server.getDirs and pathExists are documented, whom they answer is not. `no`: nobody",
  },
} as const satisfies Record<string, SwitchRule>;
