import { randomBytes } from "node:crypto";
import type { Engine } from "./engine.js";
import { NewestMap } from "./newest-map.js";
import { passwordFits } from "./password-storage.js";
import type { User } from "./state.js";

/** Who is logged in to the administration: an account, or the built-in administrator (no user). */
export interface Session {
  id: string;
  token: string;
  login: string;
  user: User | undefined;
  clientAddress: string;
  openedAt: number;
  lastUsedAt: number;
}

/** How long sessions live; minutes. */
export interface SessionLimits {
  sessionIdleMinutes: number;
  sessionMaxMinutes: number;
  /** Whether a session ends when its client comes from another address. */
  sessionForceLogout: boolean;
}

/** When a session ends unless it is used again: its idle time is over, or its whole one. Milliseconds of the epoch. */
export function expiryOf(session: Session, limits: SessionLimits): number {
  const idle = session.lastUsedAt + limits.sessionIdleMinutes * 60_000;
  return Math.min(idle, session.openedAt + limits.sessionMaxMinutes * 60_000);
}

/**
 * The ids of sessions in a Cookie header. They come in many forms, also as the joined text of Set-Cookie with its
 * attributes, and of a client that appends the cookies of each login to those of the one before.
 */
function idsIn(cookies: string | undefined): string[] {
  return [...(cookies ?? "").matchAll(/SESSION_CONNECT_WEBADMIN=(\w+)/g)].map(([, id = ""]) => id);
}

/** The result of a login attempt. */
export type Login = { outcome: "in"; user: User | undefined } | { outcome: "refused" | "locked" | "disabled" };

/** Whether an account that has logged in may not go on: it is disabled or gone. */
export function isShutOut(engine: Engine, user: User | undefined): boolean {
  return user !== undefined && !(user.isEnabled && engine.user(user.id) === user);
}

const mostSessions = 10_000;
const mostFailures = 10_000;
/** No address is longer. */
const longestUserName = 320;

/**
 * The sessions of the administration and the count of bad logins. Both are lost when the engine stops; of those that
 * nobody ends the newest are kept.
 */
export class Sessions {
  private readonly sessions = new NewestMap<string, Session>(mostSessions);
  private readonly failures = new NewestMap<string, { count: number; at: number }>(mostFailures);
  private readonly guesses = new NewestMap<string, { times: number[]; blockedUntil: number }>(mostFailures);

  /** Opens a session; both secrets are 64 hexadecimal characters. */
  open(login: string, user: User | undefined, clientAddress = ""): Session {
    const session = {
      id: randomBytes(32).toString("hex"),
      token: randomBytes(32).toString("hex"),
      login,
      user,
      clientAddress,
      openedAt: Date.now(),
      lastUsedAt: Date.now(),
    };
    this.sessions.set(session.id, session);
    return session;
  }

  /**
   * The id of a Cookie header that counts: of the session that has the token, or else of one that lives, or else the first
   * one; undefined when it holds none.
   */
  idIn(engine: Engine, cookies: string | undefined, token?: unknown): string | undefined {
    const ids = idsIn(cookies);
    const living = ids.filter((id) => {
      const session = this.sessions.get(id);
      return session !== undefined && !hasEnded(engine, session);
    });
    return living.find((id) => this.sessions.get(id)?.token === token) ?? living[0] ?? ids[0];
  }

  /** The live session of a cookie and a token that belong together; its idle time starts anew. */
  find(engine: Engine, id: string, token: string, clientAddress = ""): Session | undefined {
    if (this.sessions.get(id)?.token !== token) return undefined;
    const session = this.ofCookie(engine, id, clientAddress);
    if (session) this.touch(session);
    return session;
  }

  /** Starts a session's idle time anew; it is now the newest, and the last to be forgotten. */
  touch(session: Session): void {
    session.lastUsedAt = Date.now();
    this.sessions.set(session.id, session);
  }

  /** The live session of a cookie, for what is asked without a token. */
  ofCookie(engine: Engine, id: string | undefined, clientAddress: string): Session | undefined {
    const session = this.sessions.get(id ?? "");
    if (!session) return undefined;
    const moved = engine.sessionLimits.sessionForceLogout && session.clientAddress !== clientAddress;
    if (!moved && !hasEnded(engine, session)) return session;
    this.sessions.delete(session.id);
    return undefined;
  }

  /** Ends a session. */
  close(id: string): void {
    this.sessions.delete(id);
  }

  /** All live sessions. */
  list(engine: Engine): Session[] {
    for (const session of [...this.sessions.values()]) if (hasEnded(engine, session)) this.sessions.delete(session.id);
    return [...this.sessions.values()];
  }

  /** Forgets the bad logins of everybody. */
  unlockAll(): void {
    this.failures.clear();
    this.guesses.clear();
  }

  /**
   * Judges a user name (with or without domain) and a password. After too many bad ones in a row also the
   * right one is refused until the lock's time is over. With the protection against guessing on, an address that
   * has failed too often within a minute is refused as well.
   */
  judge(engine: Engine, userName: string, password: string, clientAddress = ""): Login {
    const login = this.isBlocked(clientAddress) ? { outcome: "locked" as const } : this.try(engine, userName, password);
    if (login.outcome === "refused") this.countGuess(engine, clientAddress);
    return login;
  }

  private isBlocked(clientAddress: string): boolean {
    return (this.guesses.get(clientAddress)?.blockedUntil ?? 0) > Date.now();
  }

  private countGuess(engine: Engine, clientAddress: string): void {
    const { antiHammering } = engine.state.settings;
    if (!antiHammering.isEnabled) return;
    const lastMinute = (this.guesses.get(clientAddress)?.times ?? []).filter((at) => at > Date.now() - 60_000);
    const times = [...lastMinute, Date.now()];
    const full = times.length >= antiHammering.failedLoginsToBlock;
    const blockedUntil = full ? Date.now() + antiHammering.minutesToBlock * 60_000 : 0;
    this.guesses.set(clientAddress, { times, blockedUntil });
  }

  private try(engine: Engine, userName: string, password: string): Login {
    const { settings, admin } = engine.state;
    const user = findLogin(engine, userName);
    const key = user?.id ?? userName.toLowerCase().slice(0, longestUserName);
    const failed = this.failures.get(key);
    const lockedFor = settings.minutesToUnlock * 60_000;
    if (failed && Date.now() - failed.at > lockedFor) this.failures.delete(key);
    else if (settings.lockoutEnabled && failed && failed.count >= settings.failedLoginsToLock)
      return { outcome: "locked" };
    const builtIn = !user && admin.isEnabled && userName.toLowerCase() === admin.userName.toLowerCase();
    const stored = builtIn ? admin.passwordStored : user?.passwordStored;
    if (stored === undefined || password === "" || !passwordFits(password, stored)) {
      this.failures.set(key, { count: (this.failures.get(key)?.count ?? 0) + 1, at: Date.now() });
      return { outcome: "refused" };
    }
    this.failures.delete(key);
    if (user && (!user.isEnabled || engine.removing.has(user.id))) return { outcome: "disabled" };
    return { outcome: "in", user };
  }
}

function hasEnded(engine: Engine, session: Session): boolean {
  return Date.now() > expiryOf(session, engine.sessionLimits) || isShutOut(engine, session.user);
}

/** The account of a login name; without a domain the primary one is meant. Domain aliases do not log in. */
export function findLogin(engine: Engine, userName: string): User | undefined {
  const [local = "", domainName] = userName.toLowerCase().split("@");
  const domain =
    domainName === undefined ? engine.primaryDomain : engine.state.domains.find((each) => each.name === domainName);
  return engine.state.users.find((user) => user.domainId === domain?.id && user.loginName.toLowerCase() === local);
}
