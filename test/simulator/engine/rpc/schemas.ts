import { z } from "zod";

/** An id as it comes in. */
export const id = z.string();

/** No parameters, or any that do not count. */
export const nothing = z.unknown();

/** Rights, complete as `set` demands; the last role is known, and nobody's to give. */
export const userRight = z.object({
  userRole: z.enum(["UserRole", "Auditor", "AccountAdmin", "FullAdmin", "BuiltInAdmin"]),
  publicFolderRight: z.boolean(),
  archiveFolderRight: z.boolean(),
});

/** The units of an amount of bytes. */
export const byteUnits = ["Bytes", "KiloBytes", "MegaBytes", "GigaBytes", "TeraBytes", "PetaBytes"] as const;

/** A number with its units. */
export const byteValue = z.object({ value: z.number().int().min(0), units: z.enum(byteUnits) });

/** A limit of size. */
export const sizeLimit = z.object({ isActive: z.boolean(), limit: byteValue });

/** An action after days. */
export const afterDays = z.object({ isEnabled: z.boolean(), days: z.number().int().min(0) });

/** The writable members of a User, all optional: `set` takes any part of them, each nested one complete. */
export const userPattern = z.object({
  domainId: z.string().optional(),
  companyContactId: z.string().optional(),
  loginName: z.string().optional(),
  fullName: z.string().optional(),
  description: z.string().optional(),
  isEnabled: z.boolean().optional(),
  itemSource: z.enum(["DSInternalSource", "DSLDAPSource"]).optional(),
  authType: z
    .enum(["UInternalAuth", "UWindowsNTAuth", "UPamAuth", "UKerberosAuth", "UAppleAuth", "ULDAPAuth"])
    .optional(),
  password: z.string().optional(),
  isPasswordReversible: z.boolean().optional(),
  allowPasswordChange: z.boolean().optional(),
  role: userRight.optional(),
  emailAddresses: z.array(z.string()).optional(),
  emailForwarding: z
    .object({
      mode: z.enum(["UForwardNone", "UForwardYes", "UForwardDeliver"]),
      emailAddresses: z
        .array(z.string())
        .nullable()
        .transform((list) => list ?? []),
    })
    .optional(),
  userGroups: z.array(z.object({ id: z.string() })).optional(),
  itemLimit: z.object({ isActive: z.boolean(), limit: z.number().int().min(0) }).optional(),
  diskSizeLimit: sizeLimit.optional(),
  hasDomainRestriction: z.boolean().optional(),
  outMessageLimit: sizeLimit.optional(),
  publishInGal: z.boolean().optional(),
  cleanOutItems: z
    .object({
      isUsedDomain: z.boolean(),
      deletedItems: afterDays,
      junkEmail: afterDays,
      sentItems: afterDays,
      autoDelete: afterDays,
    })
    .optional(),
  accessPolicy: z.object({ id: z.string() }).optional(),
});

/** As {@link userPattern}, with what a create demands; a role without its last right was seen to be taken. */
export const userCreate = userPattern.extend({
  domainId: z.string(),
  loginName: z.string(),
  role: userRight.partial({ publicFolderRight: true, archiveFolderRight: true }).optional(),
  hasDefaultSpamRule: z.boolean().optional(),
});

/** The members to change of an account. */
export type UserPattern = z.infer<typeof userPattern>;
