import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

const securityPolicy = z.object({
  /** Whether accounts are locked after failed logins. */
  enableLockout: z.boolean().optional(),
  failedLoginsToLock: z.number().optional(),
  minutesToUnlock: z.number().optional(),
  /** Whether addresses that guess passwords are shut out. */
  antiHammering: z.object({ isEnabled: z.boolean().optional() }).optional(),
});

/** How the server defends itself against guessing. */
export type SecurityPolicy = z.output<typeof securityPolicy>;

/** `SecurityPolicy.get`. Safe. Every member may be missing. */
export async function getSecurityPolicy(client: KerioClient, options?: CallOptions): Promise<SecurityPolicy> {
  // What the structure is called in the answer is not known for every version.
  const reply = z.record(z.string(), z.unknown()).transform((result): SecurityPolicy => {
    const candidates = [result, ...Object.values(result)].map((value) => securityPolicy.safeParse(value));
    const found = candidates.find(({ success, data }) => success && Object.keys(data).length > 0);
    return found?.data ?? {};
  });
  const call = { method: "SecurityPolicy.get", reply, safe: true, doing: "reading the security policy" };
  return client.call({ ...call, object: serverOf(client), ...options });
}
