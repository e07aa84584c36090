import { z } from "zod";
import type { Engine } from "../engine.js";
import { method, partly, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

const policy = z.object({
  enableLockout: z.boolean().optional(),
  failedLoginsToLock: z.number().int().min(1).optional(),
  minutesToUnlock: z.number().int().min(1).optional(),
  antiHammering: z
    .object({
      isEnabled: z.boolean().optional(),
      failedLoginsToBlock: z.number().int().min(1).optional(),
      minutesToBlock: z.number().int().min(1).optional(),
    })
    .optional(),
});

const unplaced =
  "the members of the lockout and of the protection against guessing stand in `misc`, which is not known, and `set` takes them outside of it too; of `authentication` there is nothing";

/** The interface SecurityPolicy. Where in the options the members stand is not known: `set` takes them in both places. */
export const securityPolicy: Interface = {
  get: partly(
    unplaced,
    method(nothing, (_, { engine }) => ({ options: { authentication: {}, misc: policyOf(engine) } })),
  ),

  set: partly(
    unplaced,
    method(
      z.object({ options: policy.extend({ misc: policy.optional() }) }),
      ({ options: { misc, ...direct } }, { engine }) => {
        const { settings } = engine.state;
        for (const given of [direct, misc ?? {}]) {
          settings.lockoutEnabled = given.enableLockout ?? settings.lockoutEnabled;
          settings.failedLoginsToLock = given.failedLoginsToLock ?? settings.failedLoginsToLock;
          settings.minutesToUnlock = given.minutesToUnlock ?? settings.minutesToUnlock;
          const guessing = Object.entries(given.antiHammering ?? {}).filter(([, value]) => value !== undefined);
          settings.antiHammering = { ...settings.antiHammering, ...Object.fromEntries(guessing) };
        }
        return {};
      },
    ),
  ),

  unlockAllAccounts: method(nothing, (_, { engine }) => {
    engine.sessions.unlockAll();
    return {};
  }),
};

function policyOf(engine: Engine): object {
  const { lockoutEnabled, failedLoginsToLock, minutesToUnlock, antiHammering } = engine.state.settings;
  return { enableLockout: lockoutEnabled, failedLoginsToLock, minutesToUnlock, antiHammering: { ...antiHammering } };
}
