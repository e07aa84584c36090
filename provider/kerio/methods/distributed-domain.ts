import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

const role = z.object({
  /** A word that contains `Standalone`, `Master` or `Slave`; its exact form differs between versions. */
  role: z.string(),
  isMultiServer: z.boolean().optional(),
});

/** The server's place among several that share domains. */
export type DistributedRole = z.output<typeof role>;

/** `DistributedDomain.getRole`. Safe. */
export async function getRole(client: KerioClient, options?: CallOptions): Promise<DistributedRole> {
  const call = { method: "DistributedDomain.getRole", reply: role, safe: true, doing: "reading the server's role" };
  return client.call({ ...call, object: serverOf(client), ...options });
}

/** Whether the server shares its domains with no other. */
export function isStandalone({ role }: DistributedRole): boolean {
  return /standalone/i.test(role);
}
