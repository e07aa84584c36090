import { z } from "zod";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { nothing } from "./schemas.js";

/** The interface DistributedDomain: the server stands alone. */
export const distributedDomain: Interface = {
  getRole: method(nothing, () => ({ role: "clStandalone", isMultiServer: false })),
  getHomeServerList: method(nothing, (_, { engine }) => ({ servers: [engine.homeServer] })),
};

/** The interface ProductRegistration. */
export const productRegistration: Interface = {
  getFullStatus: method(nothing, (_, { engine }) => {
    const date = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
    const expiration = { isUnlimited: false, remainingDays: 365, date };
    return {
      status: {
        regType: "rsProductRegistered",
        Id: "00000-STANDIN",
        company: "Example",
        users: String(engine.environment.licenceSeats),
        expirations: [
          { type: "License", ...expiration, isUnlimited: true, remainingDays: 0 },
          { type: "Subscription", ...expiration },
        ],
      },
    };
  }),

  get: partly(
    "the number alone; no registration can be started",
    method(z.object({ token: z.string() }), () => ({
      registration: { details: { organization: "Example" }, baseId: "00000-STANDIN" },
    })),
  ),
};

/** The interface SystemHealth: nothing is measured. */
export const systemHealth: Interface = {
  get: partly(
    "checked, then refused: nothing is measured",
    method(z.object({ type: z.string() }), () => {
      throw RpcError.notImplemented("SystemHealth.get");
    }),
  ),
};

/** The interface Downloads. */
export const downloads: Interface = {
  remove: method(z.object({ url: z.string() }), ({ url }, { engine }) => {
    if (!engine.downloads.remove(url)) throw RpcError.missing(url);
    return {};
  }),
};

/** The interface Uploads. */
export const uploads: Interface = {
  remove: method(z.object({ uploadId: z.string() }), ({ uploadId }, { engine }) => {
    if (!engine.uploads.delete(uploadId)) throw RpcError.missing(uploadId);
    return {};
  }),
};
