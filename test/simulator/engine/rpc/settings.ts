import { z } from "zod";
import type { Engine } from "../engine.js";
import { searchQuery } from "../search-query.js";
import { method, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

/** The interface AdvancedOptions. The store path ends with a slash, as a live server was seen to give it. */
export const advancedOptions: Interface = {
  get: method(nothing, (_, { engine }) => ({
    options: {
      miscellaneous: { xMailer: "", logHostNames: false },
      storeDirectory: {
        storePath: `${engine.store}/`,
        archivePath: `${engine.store}/archive/`,
        backupPath: `${engine.backupPath}/`,
        watchdogSoftLimit: { value: 500, units: "MegaBytes" },
        watchdogHardLimit: { value: 50, units: "MegaBytes" },
      },
      masterAuthentication: { isEnabled: false },
      httpProxy: { isEnabled: false },
      updateChecker: { enabled: false },
      webMail: {
        sessionExpireTimeout: { value: engine.state.settings.sessionIdleMinutes, units: "Minutes" },
        maximumSessionDuration: { value: 13, units: "Days" },
        forceLogout: false,
      },
      userQuota: {},
      fulltext: { isEnabled: false },
      koffOptions: {},
      operatorOptions: {},
    },
  })),
  getFulltextStatus: method(nothing, () => ({
    info: { status: "IndexRebuildStatusNone", usersLeft: 0, messagesLeft: 0, size: { value: 0, units: "Bytes" } },
  })),
  startRebuildFulltext: method(
    z.object({ parameters: z.object({ scope: z.enum(["IndexAll", "IndexDomain", "IndexUser"]), id: z.string() }) }),
    () => ({}),
  ),
};

/** The interface SecurityPolicy. */
export const securityPolicy: Interface = {
  get: method(nothing, (_, { engine }) => ({
    options: {
      authentication: {},
      misc: {
        enableLockout: engine.state.settings.lockoutEnabled,
        failedLoginsToLock: engine.state.settings.failedLoginsToLock,
        minutesToUnlock: engine.state.settings.minutesToUnlock,
        antiHammering: { isEnabled: false },
      },
    },
  })),
  unlockAllAccounts: method(nothing, (_, { engine }) => {
    engine.sessions.unlockAll();
    return {};
  }),
};

/** The interface AccessPolicy. */
export const accessPolicy: Interface = {
  getGroupList: method(nothing, (_, { engine }) => ({ groups: structuredClone(engine.state.policies) })),
};

/** The interface UserTemplates: none are kept. */
export const userTemplates: Interface = {
  get: method(z.object({ query: searchQuery }), () => ({ userTemplateList: [], totalItems: 0 })),
};

/** The interface DistributedDomain: the server stands alone. */
export const distributedDomain: Interface = {
  getRole: method(nothing, () => ({ role: "clStandalone", isMultiServer: false })),
  getHomeServerList: method(nothing, (_, { engine }) => ({ servers: [engine.homeServer] })),
};

/** The interface ProductRegistration. */
export const productRegistration: Interface = {
  getFullStatus: method(nothing, (_, { engine }) => ({
    status: {
      regType: "rsProductRegistered",
      Id: "00000-STANDIN",
      company: "Example",
      users: String(engine.environment.licenceSeats),
      expirations: [{ type: "Subscription", isUnlimited: false, remainingDays: 365, date: 0 }],
    },
  })),
};

/** The interface Statistics; counters are strings, as on a live server. */
export const statistics: Interface = {
  get: method(nothing, (_, { engine }) => ({ statistics: countersOf(engine) })),
};

function countersOf(engine: Engine): object {
  const uptime = Math.floor((Date.now() - engine.startedAt) / 1000);
  return {
    start: Math.floor(engine.startedAt / 1000),
    uptime: {
      days: Math.floor(uptime / 86_400),
      hours: Math.floor((uptime % 86_400) / 3600),
      minutes: Math.floor((uptime % 3600) / 60),
    },
    storage: { total: { value: 100, units: "GigaBytes" }, occupied: { value: 1, units: "GigaBytes" }, percentage: "1" },
  };
}
