import { z } from "zod";
import { actionAfterDays, byteValue, entity, itemCountLimit, sizeLimit } from "./structs";

/** Rights: `userRole` is UserRole, Auditor, AccountAdmin or FullAdmin. */
export const userRight = z.object({
  userRole: z.string().default("UserRole"),
  publicFolderRight: z.boolean().default(false),
  archiveFolderRight: z.boolean().default(false),
});

/** `mode` is UForwardNone, UForwardYes (forward only) or UForwardDeliver (forward and keep). */
export const emailForwarding = z.object({
  mode: z.string().default("UForwardNone"),
  emailAddresses: z.array(z.string()).default([]),
});

/** A membership, as the user shows it. */
export const userGroup = z.object({
  id: z.string(),
  name: z.string().default(""),
  description: z.string().default(""),
  itemSource: z.string().optional(),
});

/** What is cleaned out by itself. `isUsedDomain`: the domain's settings apply instead. */
export const cleanOutItems = z.object({
  isUsedDomain: z.boolean().default(true),
  deletedItems: actionAfterDays.default({ isEnabled: false, days: 30 }),
  junkEmail: actionAfterDays.default({ isEnabled: false, days: 30 }),
  sentItems: actionAfterDays.default({ isEnabled: false, days: 30 }),
  autoDelete: actionAfterDays.default({ isEnabled: false, days: 1095 }),
});

/** The server's User. Only the id and the name are sure to be there: versions and rights differ in the rest. */
export const user = z.object({
  id: z.string().min(1),
  loginName: z.string().min(1),
  domainId: z.string().optional(),
  companyContactId: z.string().optional(),
  fullName: z.string().optional(),
  description: z.string().optional(),
  isEnabled: z.boolean().optional(),
  /** DSInternalSource or DSLDAPSource. */
  itemSource: z.string().optional(),
  /** UInternalAuth, UWindowsNTAuth, UPamAuth, UKerberosAuth, UAppleAuth or ULDAPAuth. */
  authType: z.string().optional(),
  isPasswordReversible: z.boolean().optional(),
  allowPasswordChange: z.boolean().optional(),
  hasDefaultSpamRule: z.boolean().optional(),
  role: userRight.optional(),
  groupRole: userRight.optional(),
  effectiveRole: userRight.optional(),
  isWritableByMe: z.boolean().optional(),
  /** Further addresses; the one made of the login name is not among them. */
  emailAddresses: z.array(z.string()).optional(),
  emailForwarding: emailForwarding.optional(),
  userGroups: z.array(userGroup).optional(),
  itemLimit: itemCountLimit.optional(),
  diskSizeLimit: sizeLimit.optional(),
  consumedItems: z.number().optional(),
  consumedSize: byteValue.optional(),
  /** Mail only inside the domain. */
  hasDomainRestriction: z.boolean().optional(),
  outMessageLimit: sizeLimit.optional(),
  /** `dateTime` in seconds since 1970, 0 when there was no login yet. */
  lastLoginInfo: z.object({ dateTime: z.number().default(0), protocol: z.string().default("") }).optional(),
  publishInGal: z.boolean().optional(),
  cleanOutItems: cleanOutItems.optional(),
  accessPolicy: entity.optional(),
  homeServer: entity.optional(),
  migration: z
    .object({ enabled: z.boolean().default(false), id: z.string().default(""), name: z.string().default("") })
    .optional(),
});

export type User = z.output<typeof user>;
export type UserRight = z.output<typeof userRight>;
export type EmailForwarding = z.output<typeof emailForwarding>;
export type CleanOutItems = z.output<typeof cleanOutItems>;

/** A membership as it is written: the id decides. */
export type UserGroupLink = { id: string; name?: string; description?: string; itemSource?: string };

/** What may be written. Only what is named changes; a nested structure is always written whole. */
export interface UserPattern extends Partial<
  Pick<
    User,
    | "companyContactId"
    | "fullName"
    | "description"
    | "isEnabled"
    | "authType"
    | "isPasswordReversible"
    | "allowPasswordChange"
    | "role"
    | "emailAddresses"
    | "emailForwarding"
    | "itemLimit"
    | "diskSizeLimit"
    | "hasDomainRestriction"
    | "outMessageLimit"
    | "publishInGal"
    | "cleanOutItems"
  >
> {
  userGroups?: UserGroupLink[];
  accessPolicy?: { id: string };
  /** Secret; can only be written. */
  password?: string;
}

/** A new account. What is left out gets the server's default. */
export interface NewUser extends UserPattern {
  domainId: string;
  loginName: string;
  itemSource?: string;
  /** Whether spam is moved to the junk folder; only to be chosen at creation. */
  hasDefaultSpamRule?: boolean;
}

/** Everything of an account that another one can be given: no outputs, nothing that is bound to this account. */
export function writableFields(source: User): UserPattern {
  const pattern: UserPattern = {
    // An empty link is the absence of one, and not every version takes it back.
    companyContactId: source.companyContactId || undefined,
    fullName: source.fullName,
    description: source.description,
    isEnabled: source.isEnabled,
    authType: source.authType,
    isPasswordReversible: source.isPasswordReversible,
    allowPasswordChange: source.allowPasswordChange,
    role: source.role,
    emailAddresses: source.emailAddresses,
    emailForwarding: source.emailForwarding,
    userGroups: source.userGroups,
    itemLimit: source.itemLimit,
    diskSizeLimit: source.diskSizeLimit,
    hasDomainRestriction: source.hasDomainRestriction,
    outMessageLimit: source.outMessageLimit,
    publishInGal: source.publishInGal,
    cleanOutItems: source.cleanOutItems,
    accessPolicy: source.accessPolicy?.id ? { id: source.accessPolicy.id } : undefined,
  };
  const present = Object.entries(pattern).filter(([, value]) => value !== undefined);
  return structuredClone(Object.fromEntries(present) as UserPattern);
}
