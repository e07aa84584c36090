import type { SwitchRule } from "./switch-rule.js";

/** Accounts: making, showing and removing them, and their directories. */
export const accountSwitches = {
  "bind-account": {
    values: ["at-first-use", "at-create", "at-start"],
    standard: "at-first-use",
    reason:
      "when an account takes hold of its directory is undocumented; creation at first use is inferred. `at-start`: of one that lay there at the start",
  },
  "bind-disabled": {
    values: ["yes", "no"],
    standard: "yes",
    reason:
      "whether a disabled account takes hold of its directory like any other is undocumented. `no`: when it is enabled or used",
  },
  "placed-directory": {
    values: ["at-once", "at-restart"],
    standard: "at-once",
    reason:
      "what a running server makes of a mailbox directory that is put under an account's name, or taken away, is open. `at-restart`: an account that has taken hold of another one, or of none, has no mailbox till then",
  },
  "directory-at": {
    values: ["first-use", "create"],
    standard: "first-use",
    reason: "default folders are made at the first login, says the old user guide",
  },
  "directory-case": {
    values: ["lower", "as-given"],
    standard: "lower",
    reason: "whether the directory of JDoe is jdoe is open; every example seen is in small letters",
  },
  "file-modes": {
    values: ["readable", "private", "open"],
    standard: "readable",
    reason:
      "owner and modes of the store's files are open; the engine runs as root. `private`: for the owner alone; `open`: for everybody, the configuration files too, as container projects set it",
  },
  "mobile-devices": {
    values: ["of-account", "of-mailbox"],
    standard: "of-account",
    reason:
      "the manual wants a new profile on each device after a renaming; whether those listed before come with the directory is open. `of-mailbox`: they do",
  },
  "adopted-sizes": {
    values: ["at-once", "later"],
    standard: "at-once",
    reason: "when consumedItems and consumedSize of an adopted mailbox are right is open",
  },
  "minimal-create": {
    values: ["usable", "bare"],
    standard: "usable",
    reason:
      "what an account has that a create did not name is open; an official sample sends isEnabled, a lab does not and goes on. `bare`: disabled, without reversible or changeable password",
  },
  "password-minimum": {
    values: ["with-complexity", "always"],
    standard: "with-complexity",
    reason:
      "the manual has the length among what complexity demands, the API has it as a setting of its own; whether it holds without complexity is open",
  },
  "set-login-name": {
    values: ["refuse", "ignore", "accept"],
    standard: "refuse",
    reason: "no source says what Users.set does with another loginName or domainId; it never moves the directory",
  },
  "unasked-fields": {
    values: ["all", "few"],
    standard: "all",
    reason:
      "which members Users.get returns when `fields` names none is documented as all and was not seen. `few`: names, description, isEnabled and itemSource",
  },
  "password-shown": {
    values: ["absent", "empty"],
    standard: "absent",
    reason: "`password` is write-only; whether a row has it as an empty text is open",
  },
  "contact-addresses": {
    values: ["objects", "texts", "texts-or-nothing"],
    standard: "objects",
    reason: "the form of a PersonalContact's addresses is open; the last value drops what it does not know silently",
  },
  "photo-of-another": {
    values: ["copied", "refused", "ignored"],
    standard: "copied",
    reason: "what becomes of a photo's id that belongs to another account's contact is open",
  },
  "removal-delay-ms": {
    values: "number",
    standard: "0",
    reason: "one client polls for 30 s until removed names are gone; whether that is needed is open",
  },
  "dangling-references": {
    values: ["kept", "by-name", "texts", "gone"],
    standard: "kept",
    reason:
      "what stays of groups, lists, archives, resources and aliases after a removal with removeReferences=false is open beyond “not removed”. `by-name`: an account of the same name takes them up again; `texts`: aliases alone stay",
  },
  "removed-references": {
    values: ["everything", "aliases"],
    standard: "everything",
    reason:
      "a removal with removeReferences takes aliases and roles, says the administration's own choice; that groups, lists, archives and resources go too is open",
  },
  "references-on-disk": {
    values: ["ids", "names"],
    standard: "ids",
    reason:
      "how the files name the accounts in groups, lists, archives and resources is open; the API has ids. `names`: from one start to the next they are whoever bears the name",
  },
  "unknown-id": {
    values: ["error", "ignored"],
    standard: "error",
    reason: "the answer of set and remove to an unknown id is open; 1002 is in the known table of codes",
  },
  "licence-error": {
    values: ["item", "call"],
    standard: "item",
    reason: "where error 1003 stands in the answer is not said",
  },
  "id-form": {
    values: ["nested", "flat"],
    standard: "nested",
    reason:
      "ids of aliases, groups, lists and resources were not seen; those of accounts hold the domain's guid before their own",
  },
} as const satisfies Record<string, SwitchRule>;
