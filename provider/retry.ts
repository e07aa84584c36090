/**
 * Time and repetition: whether to try again (`decide`), how long to wait before (`delay`), the loop itself (`loop`),
 * deadlines, and bounded waits for something to be observed. Clock and sleep are passed in, so tests take no time.
 */
import { KerioError, messageOf, type Outcome } from "./errors";

/** The time, and a way to let it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that many milliseconds; rejects at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The real time. */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      },
      Math.max(0, ms),
    );
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** What a deadline was about, for the error that says it has passed. */
export interface Awaited {
  /** The object, in the mail world's words: `user jdoe@example.com`. */
  object: string;
  /** What was waited for, completing "waiting for …": `the service to stop`. */
  what: string;
}

/** A moment after which a whole operation gives up, however many attempts it is made of. */
export class Deadline {
  /** @param at milliseconds since 1970 */
  constructor(
    readonly at: number,
    private readonly clock: Pick<Clock, "now"> = systemClock,
    private readonly from: number = clock.now(),
  ) {}

  /** The deadline that many seconds from now. */
  static in(seconds: number, clock: Pick<Clock, "now"> = systemClock): Deadline {
    return new Deadline(clock.now() + seconds * 1000, clock);
  }

  /** Milliseconds left, never negative. */
  remaining(): number {
    return Math.max(0, this.at - this.clock.now());
  }

  /** Whether it has passed. */
  passed(): boolean {
    return this.remaining() === 0;
  }

  /**
   * Does nothing before the deadline.
   * @throws KerioError TIMEOUT naming what was waited for, and the last thing that went wrong meanwhile
   */
  throwIfPassed(awaited: Awaited, options: { outcome?: Outcome; lastError?: unknown; next?: string } = {}): void {
    if (!this.passed()) return;
    const seconds = Math.round((this.at - this.from) / 1000);
    const last = options.lastError === undefined ? "" : `; the last answer was: ${messageOf(options.lastError)}`;
    throw new KerioError("TIMEOUT", {
      object: awaited.object,
      doing: `waiting for ${awaited.what}`,
      happened: `it did not happen within ${seconds} s${last}`,
      next: options.next,
      outcome: options.outcome ?? "unknown",
      cause: options.lastError,
    });
  }
}

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Attempts in all, the first included. */
  attempts: number;
  /** Milliseconds before the second attempt. */
  firstDelay: number;
  /** No wait is longer than this many milliseconds. */
  longestDelay: number;
}

/**
 * For one call over a network: three attempts over about two seconds outlive a dropped connection or a proxy that
 * restarts. Longer absences are the caller's business, who knows whether a server is meant to be away.
 */
export const callPolicy: RetryPolicy = { attempts: 3, firstDelay: 500, longestDelay: 5_000 };

/**
 * Whether another attempt is allowed and of use. What was surely not sent may be sent again; what may have been done
 * is repeated only where that is harmless; what the server refused is never repeated.
 */
export function decide(error: unknown, tried: { attempt: number; attempts: number; safe: boolean }): boolean {
  if (tried.attempt >= tried.attempts || !(error instanceof KerioError)) return false;
  switch (error.code) {
    case "CONNECTION_FAILED":
      return error.outcome === "not-sent" || tried.safe;
    case "OUTCOME_UNKNOWN":
    case "TIMEOUT":
      return error.outcome === "not-sent" || (error.outcome === "unknown" && tried.safe);
    default:
      return false;
  }
}

/**
 * Milliseconds to wait after that failed attempt (1 is the first): doubling, capped, and spread by up to a quarter so
 * that many clients do not come back in step.
 */
export function delay(attempt: number, policy: RetryPolicy, random: () => number = Math.random): number {
  const doubled = Math.min(policy.longestDelay, policy.firstDelay * 2 ** (attempt - 1));
  return Math.round(doubled * (1 - random() / 4));
}

/** What the loop needs besides the work itself. */
export interface LoopOptions {
  /** Whether repeating is harmless even after the first attempt may have taken effect. */
  safe: boolean;
  policy?: RetryPolicy;
  deadline?: Deadline;
  clock?: Clock;
  signal?: AbortSignal;
  random?: () => number;
  /** Called before each wait. */
  onRetry?: (failed: { attempt: number; attempts: number; error: unknown; wait: number }) => void;
}

/**
 * Runs the work until it succeeds or {@link decide} says no.
 * @throws the error of the last attempt, unchanged
 */
export async function loop<T>(options: LoopOptions, work: (attempt: number) => Promise<T>): Promise<T> {
  const policy = options.policy ?? callPolicy;
  const clock = options.clock ?? systemClock;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      const again = decide(error, { attempt, attempts: policy.attempts, safe: options.safe });
      const wait = delay(attempt, policy, options.random);
      if (!again || options.signal?.aborted || (options.deadline && options.deadline.remaining() <= wait)) throw error;
      options.onRetry?.({ attempt, attempts: policy.attempts, error, wait });
      await clock.sleep(wait, options.signal);
    }
  }
}

/** A bounded wait. */
export interface WaitOptions extends Awaited {
  deadline: Deadline;
  /** Milliseconds between two looks. */
  every: number;
  clock?: Clock;
  signal?: AbortSignal;
  /** What to do when it never happens, as whole sentences. */
  next?: string;
  /**
   * Errors of the probe that only mean "not yet" (a server that is still starting refuses connections); the last one
   * is told if time runs out. Every other error ends the wait at once. Default: none is tolerated.
   */
  tolerate?: (error: unknown) => boolean;
}

/**
 * Looks until the probe answers something other than undefined, at least once and once more when time is up.
 * @throws KerioError TIMEOUT saying what was waited for and for how long; whatever the probe throws and is not tolerated
 */
export async function waitFor<T>(options: WaitOptions, probe: () => Promise<T | undefined>): Promise<T> {
  const clock = options.clock ?? systemClock;
  for (;;) {
    // Read before the look: the last look then always begins after the deadline, never just short of it.
    const last = options.deadline.passed();
    let lastError: unknown;
    try {
      const seen = await probe();
      if (seen !== undefined) return seen;
    } catch (error) {
      if (!options.tolerate?.(error)) throw error;
      lastError = error;
    }
    if (last) options.deadline.throwIfPassed(options, { lastError, next: options.next });
    await clock.sleep(Math.min(options.every, options.deadline.remaining()), options.signal);
  }
}
