/**
 * Every error this package throws: one base class, a stable code, and an outcome that says whether
 * the server may have acted.
 */

/** What each code means, in one line. The codes are stable: scripts may match on them. */
export const errorCodes = {
  CONFIG_INVALID: "a setting of the stack is missing or wrong",
  CONFIG_NOT_SECRET: "a password, key or passphrase is stored in clear text",
  INPUT_INVALID: "an input of a resource is wrong",
  AUTH_REFUSED: "the mail server refused the user name or password",
  SESSION_EXPIRED: "the administration session is over",
  API_REFUSED: "the mail server refused a call",
  UNEXPECTED_REPLY: "the mail server answered in an unknown form",
  CONNECTION_FAILED: "no connection could be made, so nothing was sent",
  CERTIFICATE_UNTRUSTED: "the server's certificate is not signed by a trusted authority",
  TIMEOUT: "a bounded wait ran out",
  OUTCOME_UNKNOWN: "the connection was lost after a request had been sent",
  NOT_FOUND: "the named object does not exist on the server",
  ALREADY_EXISTS: "an object of this name exists already",
  NAME_TAKEN: "the name belongs to something else on the server",
  MAILBOX_IN_THE_WAY: "a mailbox directory without an account bears the name",
  HOST_KEY_UNKNOWN: "the SSH host key is not the configured one",
  SSH_REFUSED: "the SSH login was refused",
  SSH_FAILED: "the SSH connection or a command over it failed",
  PRIVILEGE_MISSING: "the SSH user may not do what a rename needs",
  HOST_UNSUITABLE: "the mail host cannot be used for a rename",
  RENAME_REFUSED: "a rename cannot be done, and nothing was touched",
  RENAME_ROLLED_BACK: "a rename failed and the server is as it was",
  RENAME_OPEN: "a rename stopped half-way and will be finished by the next run",
  RENAME_BUSY: "another run holds the mail host",
  LOCK_LOST: "this run no longer holds the mail host",
  DELETE_REFUSED: "a removal would harm a person, and nothing was touched",
  INTERNAL: "a defect of this package; please report it",
} as const;

/** One of the stable codes of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * Whether the server may have acted: `not-sent` (surely not), `rejected` (it answered no),
 * `unknown` (sent, but no answer was heard: only looking again can tell).
 */
export type Outcome = "not-sent" | "rejected" | "unknown";

/** The facts an error message is built from. None of them may hold a secret. */
export interface ErrorFacts {
  /** The object, in the mail world's words: `user jdoe@example.com`, `setting kerio:url`. */
  object: string;
  /** What was being done, as a verb phrase: `creating`, `looking up`. */
  doing: string;
  /** What happened, without a full stop. */
  happened: string;
  /** What to do next, as whole sentences; left out only where nothing can be done. */
  next?: string;
  /** The default is `not-sent`. */
  outcome?: Outcome;
  /** The server's own numeric code, where there is one. */
  apiCode?: number;
  /** The server's own words, where it answered no. */
  apiMessage?: string;
  cause?: unknown;
}

/** The one error class of this package. Compare by `code`, never by class: identity is lost between processes. */
export class KerioError extends Error {
  override readonly name = "KerioError";
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly facts: Readonly<ErrorFacts>;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    super(sentence(code, facts), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.outcome = facts.outcome ?? "not-sent";
    this.facts = facts;
  }
}

function sentence(code: ErrorCode, facts: ErrorFacts): string {
  const next = facts.next ? ` ${facts.next}` : "";
  return `${facts.object}: ${facts.doing} failed: ${facts.happened}.${next} [${code}]`;
}

/** The stable code of anything caught, or undefined when it is not one of ours. */
export function codeOf(error: unknown): ErrorCode | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && code in errorCodes ? (code as ErrorCode) : undefined;
}

/** The message of anything caught. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
