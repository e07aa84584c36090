import { describe, expect, it } from "vitest";
import { KerioError, type ErrorCode, type Outcome } from "../provider/errors";
import { Deadline, callPolicy, decide, delay, loop, sleep, waitFor, type Clock } from "../provider/retry";

function failure(code: ErrorCode, outcome: Outcome): KerioError {
  return new KerioError(code, { object: "server", doing: "calling", happened: "it failed", outcome });
}

function testClock(): Clock & { slept: number[] } {
  let time = 1_000_000;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    sleep: async (ms) => {
      slept.push(ms);
      time += ms;
    },
  };
}

describe("decide", () => {
  const first = { attempt: 1, attempts: 3 };
  it.each([
    ["CONNECTION_FAILED", "not-sent", false, true],
    ["CONNECTION_FAILED", "not-sent", true, true],
    ["OUTCOME_UNKNOWN", "unknown", true, true],
    ["OUTCOME_UNKNOWN", "unknown", false, false],
    ["TIMEOUT", "unknown", true, true],
    ["TIMEOUT", "unknown", false, false],
    ["CERTIFICATE_UNTRUSTED", "not-sent", true, false],
    ["AUTH_REFUSED", "rejected", true, false],
    ["API_REFUSED", "rejected", true, false],
    ["UNEXPECTED_REPLY", "unknown", true, false],
  ] as const)("%s, %s, safe %s: %s", (code, outcome, safe, again) => {
    expect(decide(failure(code, outcome), { ...first, safe })).toBe(again);
  });

  it("ends with the last attempt, and does not know foreign errors", () => {
    expect(decide(failure("CONNECTION_FAILED", "not-sent"), { attempt: 3, attempts: 3, safe: true })).toBe(false);
    expect(decide(new Error("a defect"), { ...first, safe: true })).toBe(false);
  });
});

describe("delay", () => {
  it("doubles up to the longest, and only ever shortens by chance", () => {
    const policy = { attempts: 9, firstDelay: 100, longestDelay: 500 };
    expect([1, 2, 3, 4, 5].map((attempt) => delay(attempt, policy, () => 0))).toEqual([100, 200, 400, 500, 500]);
    expect(delay(1, policy, () => 0.999)).toBeGreaterThanOrEqual(75);
  });
});

describe("loop", () => {
  it("repeats what may be repeated and tells of each repetition", async () => {
    const clock = testClock();
    const told: number[] = [];
    let calls = 0;
    const result = await loop(
      { safe: true, clock, random: () => 0, onRetry: ({ attempt }) => told.push(attempt) },
      async () => {
        if (++calls < 3) throw failure("OUTCOME_UNKNOWN", "unknown");
        return "done";
      },
    );
    expect(result).toBe("done");
    expect(told).toEqual([1, 2]);
    expect(clock.slept).toEqual([500, 1000]);
  });

  it("gives the last error unchanged after the last attempt", async () => {
    const error = failure("CONNECTION_FAILED", "not-sent");
    let calls = 0;
    const attempt = loop({ safe: false, clock: testClock() }, async () => {
      calls++;
      throw error;
    });
    await expect(attempt).rejects.toBe(error);
    expect(calls).toBe(callPolicy.attempts);
  });

  it("does not begin a wait that would outlast the deadline", async () => {
    const clock = testClock();
    const deadline = Deadline.in(0.2, clock);
    const attempt = loop({ safe: true, clock, deadline, random: () => 0 }, async () => {
      throw failure("CONNECTION_FAILED", "not-sent");
    });
    await expect(attempt).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
    expect(clock.slept).toEqual([]);
  });
});

describe("waitFor", () => {
  const about = { object: "server mail.example.com", what: "the service to stop", every: 1000 };

  it("gives what the probe saw", async () => {
    const clock = testClock();
    let looks = 0;
    const seen = await waitFor({ ...about, clock, deadline: Deadline.in(10, clock) }, async () =>
      ++looks === 3 ? "stopped" : undefined,
    );
    expect(seen).toBe("stopped");
    expect(clock.slept).toEqual([1000, 1000]);
  });

  it("looks once more at the deadline, then says what it waited for", async () => {
    const clock = testClock();
    let looks = 0;
    const wait = waitFor({ ...about, clock, deadline: Deadline.in(2.5, clock) }, async () => {
      looks++;
      return undefined;
    });
    await expect(wait).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("waiting for the service to stop failed: it did not happen within 3 s"),
    });
    expect(looks).toBe(4);
    expect(clock.slept).toEqual([1000, 1000, 500]);
  });

  it("tells the last tolerated error, and lets others through at once", async () => {
    const clock = testClock();
    const tolerate = (error: unknown) => (error as KerioError).code === "CONNECTION_FAILED";
    const options = { ...about, clock, deadline: Deadline.in(1, clock), tolerate };
    await expect(
      waitFor(options, async () => {
        throw failure("CONNECTION_FAILED", "not-sent");
      }),
    ).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("the last answer was: server: calling"),
    });
    await expect(
      waitFor({ ...options, deadline: Deadline.in(1, clock) }, async () => {
        throw failure("AUTH_REFUSED", "rejected");
      }),
    ).rejects.toMatchObject({ code: "AUTH_REFUSED" });
  });
});

describe("sleep", () => {
  it("ends at once when it is aborted, before and during", async () => {
    await expect(sleep(60_000, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    const control = new AbortController();
    const sleeping = sleep(60_000, control.signal);
    control.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
  });
});
