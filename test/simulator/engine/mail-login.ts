import type { Engine } from "./engine.js";
import { checkMailbox } from "./mailbox.js";
import type { User } from "./state.js";

/**
 * The outcome of a login with a mail client; `directory` is the mailbox the account is bound to from now on. It is
 * `unavailable` where the password is right and the account has to do without its mailbox until the next start.
 */
export type MailboxLogin =
  | { ok: true; user: User; directory: string }
  | { ok: false; reason: "refused" | "locked" | "disabled" | "unavailable" };

/** Who comes, and how. */
export interface MailLoginAttempt {
  /** How the truth names the way in. */
  door: string;
  /** What `lastLoginInfo` shows of it. */
  protocol: string;
  userName: string;
  password: string;
  clientAddress?: string;
}

/**
 * Somebody logs in with a mail client: default folders are made at the first login, broken ones are mended, and the
 * account remembers when and by which protocol. The built-in administrator has no mailbox and is refused.
 */
export function logInToMail(engine: Engine, attempt: MailLoginAttempt): MailboxLogin {
  const { door, protocol, userName, password, clientAddress } = attempt;
  const login = engine.sessions.judge(engine, userName, password, clientAddress);
  const isAway = login.outcome === "in" && login.user !== undefined && engine.bindings.isAway(login.user);
  engine.truth.write("logins", { door, user: userName, outcome: isAway ? "unavailable" : login.outcome });
  if (login.outcome !== "in") return { ok: false, reason: login.outcome };
  if (!login.user) return { ok: false, reason: "refused" };
  if (isAway) return { ok: false, reason: "unavailable" };
  const directory = engine.openMailbox(login.user);
  checkMailbox(directory);
  login.user.lastLoginInfo = { dateTime: Math.floor(Date.now() / 1000), protocol };
  return { ok: true, user: login.user, directory };
}
