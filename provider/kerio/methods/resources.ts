import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { changeAll, type BulkOptions, type ItemResult } from "./bulk";
import { listAll, type Search } from "./list";
import { entity } from "./structs";

const principal = z.object({
  /** AuthDomainPrincipal, AuthUserPrincipal, AnyonePrincipal, UserPrincipal, GroupPrincipal or NonePrincipal. */
  type: z.string(),
  id: z.string().default(""),
  name: z.string().optional(),
  domainName: z.string().optional(),
  fullName: z.string().optional(),
  description: z.string().optional(),
  isEnabled: z.boolean().optional(),
  itemSource: z.string().optional(),
  homeServer: entity.optional(),
});

/** Somebody who may use or manage a resource. */
export type Principal = z.output<typeof principal>;

const resource = z.object({
  id: z.string().min(1),
  domainId: z.string().optional(),
  name: z.string(),
  address: z.string().optional(),
  description: z.string().optional(),
  /** Room or Equipment. */
  type: z.string().optional(),
  isEnabled: z.boolean().optional(),
  resourceUsers: z.array(principal).optional(),
  manager: principal.optional(),
  homeServer: entity.optional(),
});

/** A room or a piece of equipment that can be booked. */
export type Resource = z.output<typeof resource>;

/** What of a resource may be written. */
export type ResourcePattern = Partial<Omit<Resource, "id" | "domainId" | "name" | "address" | "homeServer">>;

/** `Resources.get`: the resources of a domain. Safe. */
export async function listResources(
  client: KerioClient,
  { domainId, ...search }: Search & { domainId: string },
  options?: CallOptions,
): Promise<Resource[]> {
  const call = { method: "Resources.get", item: resource, search, params: { domainId }, doing: "listing resources" };
  return listAll(client, { ...call, options });
}

/** `Resources.getPrincipalList`: whom a resource of that domain can be given to. Safe. */
export async function listPrincipals(
  client: KerioClient,
  { domainId, ...search }: Search & { domainId: string },
  options?: CallOptions,
): Promise<Principal[]> {
  const call = { method: "Resources.getPrincipalList", item: principal, search, params: { domainId } };
  return listAll(client, { ...call, doing: "listing principals", options });
}

/** `Resources.set`: gives all those resources the same values. Not safe. */
export async function setResources(
  client: KerioClient,
  resourceIds: readonly string[],
  pattern: ResourcePattern,
  options?: BulkOptions,
): Promise<ItemResult<void>[]> {
  const params = (ids: readonly string[]) => ({ resourceIds: ids, pattern });
  const call = { method: "Resources.set", params, items: resourceIds, doing: "changing resources" };
  return changeAll(client, { ...call, options });
}
