import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { listAll, serverOf, type Search } from "./list";
import { sizeLimit } from "./structs";

const domain = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  description: z.string().optional(),
  isPrimary: z.boolean().optional(),
  /** Seats of this domain; no limit when 0 or less. */
  userMaxCount: z.number().optional(),
  passwordExpirationEnabled: z.boolean().optional(),
  passwordExpirationDays: z.number().optional(),
  passwordHistoryCount: z.number().optional(),
  passwordComplexityEnabled: z.boolean().optional(),
  passwordMinimumLength: z.number().optional(),
  outgoingMessageLimit: sizeLimit.optional(),
  /** Further names of the domain. */
  aliasList: z.array(z.string()).optional(),
  forwardingOptions: z
    .object({
      isEnabled: z.boolean().default(false),
      host: z.string().default(""),
      preventLoop: z.boolean().optional(),
    })
    .optional(),
  /** The directory service. */
  service: z.object({ isEnabled: z.boolean().default(false), serviceType: z.string().optional() }).optional(),
  renameInfo: z
    .object({ isRenamed: z.boolean().default(false), oldName: z.string().default(""), newName: z.string().default("") })
    .optional(),
  isDistributed: z.boolean().optional(),
  isLdapManagementAllowed: z.boolean().optional(),
});

/** A mail domain. */
export type Domain = z.output<typeof domain>;

/** `Domains.get`: the domains of the server. Safe. */
export async function listDomains(client: KerioClient, search?: Search, options?: CallOptions): Promise<Domain[]> {
  return listAll(client, { method: "Domains.get", item: domain, search, doing: "listing domains", options });
}

const userCountInfo = z.object({
  currentUsers: z.number(),
  allowedUsers: z.object({
    isUnlimited: z.boolean().default(false),
    allowedUsers: z.number().default(0),
    limit: z.number().optional(),
    /** DomainLimit or LicenseLimit. */
    limitType: z.string().optional(),
  }),
});

/** Seats in use and allowed; disabled users are not counted. */
export type UserCountInfo = z.output<typeof userCountInfo>;

/** `Domains.getUserCountInfo`. Safe. */
export async function getUserCountInfo(
  client: KerioClient,
  domainId: string,
  options?: CallOptions,
): Promise<UserCountInfo> {
  const { countInfo } = await client.call({
    method: "Domains.getUserCountInfo",
    params: { domainId },
    reply: z.object({ countInfo: userCountInfo }),
    safe: true,
    doing: "reading the number of seats",
    object: serverOf(client),
    ...options,
  });
  return countInfo;
}

/** `Domains.generatePassword`: a password that meets the domain's policy. Secret. Safe: nothing is stored. */
export async function generatePassword(client: KerioClient, domainId: string, options?: CallOptions): Promise<string> {
  const { password } = await client.call({
    method: "Domains.generatePassword",
    params: { domainId },
    reply: z.object({ password: z.string().min(1) }),
    safe: true,
    doing: "generating a password",
    object: serverOf(client),
    ...options,
  });
  return password;
}

const domainSettings = z.object({
  hostname: z.string().default(""),
  publicFoldersPerDomain: z.boolean().optional(),
  serverId: z.string().optional(),
});

/** Settings common to all domains. */
export type DomainSettings = z.output<typeof domainSettings>;

/** `Domains.getSettings`. Safe. */
export async function getDomainSettings(client: KerioClient, options?: CallOptions): Promise<DomainSettings> {
  const { setting } = await client.call({
    method: "Domains.getSettings",
    reply: z.object({ setting: domainSettings }),
    safe: true,
    doing: "reading the domain settings",
    object: serverOf(client),
    ...options,
  });
  return setting;
}
