import { z } from "zod";
import type { Engine } from "../engine.js";
import { searchQuery } from "../search-query.js";
import { method, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

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
