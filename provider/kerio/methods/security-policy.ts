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
  const reply = z.record(z.string(), z.unknown()).transform((result) => {
    // Where in the answer the members stand is not known for every version, only what they are called.
    const found = securityPolicy.safeParse(gather(result, 3));
    return found.data ?? {};
  });
  const call = { method: "SecurityPolicy.get", reply, safe: true, doing: "reading the security policy" };
  return client.call({ ...call, object: serverOf(client), ...options });
}

/** The members we know, wherever they stand in that many levels of structures; the outermost wins. */
function gather(value: object, levels: number): Record<string, unknown> {
  const members = Object.entries(value);
  const deeper = levels > 1 ? members.filter(([, member]) => typeof member === "object" && member !== null) : [];
  const inner = deeper.map(([, member]) => gather(member as object, levels - 1));
  return Object.assign({}, ...inner, Object.fromEntries(members.filter(([name]) => name in securityPolicy.shape)));
}
