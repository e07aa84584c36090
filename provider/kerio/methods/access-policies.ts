import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

const accessPolicy = z.object({ id: z.string().min(1), name: z.string(), isDefault: z.boolean().default(false) });

/** A policy of what services a user may use from where. */
export type AccessPolicy = z.output<typeof accessPolicy>;

/** `AccessPolicy.getGroupList`. Safe. */
export async function listAccessPolicies(client: KerioClient, options?: CallOptions): Promise<AccessPolicy[]> {
  const reply = z.object({ groups: z.array(accessPolicy) });
  const call = { method: "AccessPolicy.getGroupList", reply, safe: true, doing: "listing access policies" };
  return (await client.call({ ...call, object: serverOf(client), ...options })).groups;
}
