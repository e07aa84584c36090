/** One behaviour that public sources leave open: the values it can take, the default, and why that one. */
export interface SwitchRule {
  /** Allowed values; `number` stands for any non-negative integer. */
  values: readonly string[] | "number";
  /** The value in force unless a test says otherwise. */
  standard: string;
  /** What is open, and what speaks for the default. */
  reason: string;
}

/** Every open behaviour of the server, by name. The names are what `--switch name=value` takes. */
export const switchRules = {
  "bind-account": {
    values: ["at-first-use", "at-create", "at-start"],
    standard: "at-first-use",
    reason: "when an account takes hold of its directory is undocumented; creation at first use is inferred",
  },
  "set-login-name": {
    values: ["refuse", "ignore", "accept"],
    standard: "refuse",
    reason: "no source says what Users.set does with another loginName; it never moves the directory",
  },
  "disabled-delivery": {
    values: ["reject", "accept"],
    standard: "reject",
    reason: "only known: a disabled account does not forward",
  },
  "alias-or-user": {
    values: ["alias", "user"],
    standard: "alias",
    reason: "the 6.7 guide lets `jwayne → info` and `jwayne → jwayne` deliver to both, so the alias is asked first",
  },
  "removal-delay-ms": {
    values: "number",
    standard: "0",
    reason: "one client polls for 30 s until removed names are gone; whether that is needed is open",
  },
  "directory-at": {
    values: ["first-use", "create"],
    standard: "first-use",
    reason: "default folders are made at the first login, says the old user guide",
  },
  "duplicate-alias": {
    values: ["allowed", "refused"],
    standard: "allowed",
    reason: "several rows of one name are legal in 6.7; an identical row or a user's name in 10.x is open",
  },
  "licence-error": {
    values: ["item", "call"],
    standard: "item",
    reason: "where error 1003 stands in the answer is not said",
  },
  "deliver-to": {
    values: ["as-given", "completed"],
    standard: "as-given",
    reason: "whether a bare login is completed with the domain is open",
  },
  "email-addresses": {
    values: ["local", "full"],
    standard: "local",
    reason: "a client of 10.0.9 sends local parts; the form returned is open",
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
  "adopted-sizes": {
    values: ["at-once", "later"],
    standard: "at-once",
    reason: "when consumedItems and consumedSize of an adopted mailbox are right is open",
  },
  "unknown-id": {
    values: ["error", "ignored"],
    standard: "error",
    reason: "the answer of set and remove to an unknown id is open; 1002 is in the known table of codes",
  },
  "list-id": {
    values: ["always", "asked"],
    standard: "always",
    reason: "whether id comes along when `fields` does not name it is open",
  },
  "unknown-method": {
    values: ["error", "hang"],
    standard: "error",
    reason: "on 10.0.8 a call of an unknown method was seen to hang until the client gave up",
  },
  "login-refused-code": {
    values: "number",
    standard: "1000",
    reason: "only the text of a refused login is known, not its code",
  },
  "unknown-field": {
    values: ["ignored", "error"],
    standard: "ignored",
    reason: "what a query does with a field that rows do not have is open; ignored, it is empty in every row",
  },
  "quick-search": {
    values: ["with-description", "names"],
    standard: "with-description",
    reason: "sources disagree whether QUICKSEARCH looks at the description besides the names; three fields are marked",
  },
  "domain-rename": {
    values: ["at-restart", "at-once"],
    standard: "at-restart",
    reason: "Domains.rename starts a process and shows both names meanwhile; that it takes a restart is assumed",
  },
  "form-token": {
    values: ["demanded", "if-sent"],
    standard: "demanded",
    reason: "the login form of 10.x has a field kerio_csrf_token; whether a form without it is taken is open",
  },
  "largest-request-bytes": {
    values: "number",
    standard: "67108864",
    reason: "code 413 for a request that is too large is known, the size at which it comes is not",
  },
  "silent-connection-seconds": {
    values: "number",
    standard: "120",
    reason:
      "how long a connection on which nothing comes is kept is open; a change counts for those that come after it",
  },
  "batch-after-error": {
    values: ["go-on", "stop"],
    standard: "go-on",
    reason: "whether Batch.run stops at the first error is open",
  },
  "account-admin-domain": {
    values: ["own", "every"],
    standard: "own",
    reason: "an account administrator has accounts, groups, aliases and lists; whether of every domain is not said",
  },
  "missing-query": {
    values: ["everything", "refused"],
    standard: "everything",
    reason: "on 10.0.8 a list asked for without a query gave error 1000; whether for that or for the role is open",
  },
  "directory-access": {
    values: ["yes", "no"],
    standard: "yes",
    reason: "Server.getDirs is documented, what an account administrator may see is not",
  },
  "config-save": {
    values: ["at-stop", "after-change"],
    standard: "at-stop",
    reason: "documented for 5 and 6: written when the engine stops; whether newer ones save in between is open",
  },
  "public-folder-target": {
    values: ["as-given", "bare"],
    standard: "as-given",
    reason: "deliverTo is an address or a public folder name; whether the name comes back with #public/ is open",
  },
  "init-system": {
    values: ["systemd", "sysv", "launchd"],
    standard: "systemd",
    reason: "used by the host, not by the engine",
  },
} as const satisfies Record<string, SwitchRule>;

/** The name of a known switch. */
export type SwitchName = keyof typeof switchRules;

/** The switches in force. Names the engine does not know are kept: they may be the host's. */
export class Switches {
  private readonly chosen = new Map<string, string>();

  constructor(values: Record<string, string | number | boolean> = {}) {
    for (const [name, value] of Object.entries(values)) this.choose(name, String(value));
  }

  /** Sets one switch; throws when the engine knows it and the value is not allowed. */
  choose(name: string, value: string): void {
    const rule: SwitchRule | undefined = (switchRules as Record<string, SwitchRule>)[name];
    if (rule) {
      const allowed =
        rule.values === "number" ? /^\d+$/.test(value) || /^-\d+$/.test(value) : rule.values.includes(value);
      if (!allowed) throw new Error(`switch ${name}: ${value} is not one of ${String(rule.values)}`);
    }
    this.chosen.set(name, value);
  }

  /** The value in force. */
  of(name: SwitchName): string {
    return this.chosen.get(name) ?? switchRules[name].standard;
  }

  /** The value of a numeric switch. */
  number(name: SwitchName): number {
    return Number(this.of(name));
  }
}
