import type { User, UserPattern } from "../kerio/methods/users";
import { localPart } from "../rename/delivery-address";
import { contactFromApi } from "./contact";
import type { PersonalContact } from "../kerio/methods/users";
import { fullRole, type UserInputs, type UserSetting } from "./user-fields";
import { fromApiSize, parseSize, toApiSize } from "./units";

const roles = { none: "UserRole", auditor: "Auditor", accounts: "AccountAdmin", full: "FullAdmin" } as const;

/** The whole address of a user. */
export function addressOf(name: string, domain: string): string {
  return `${name}@${domain}`;
}

const authTypes = {
  internal: "UInternalAuth",
  windows: "UWindowsNTAuth",
  pam: "UPamAuth",
  kerberos: "UKerberosAuth",
  apple: "UAppleAuth",
  ldap: "ULDAPAuth",
} as const;

const authNames = Object.keys(authTypes) as (keyof typeof authTypes)[];

/**
 * Declared settings in the Admin API's shape. Nested structs come out whole, as `Users.set` demands. Password, groups,
 * access policy and contact are not part of it: they need ids, or calls of their own.
 *
 * @param present the account as it is, for the parts of a nested struct that the program cannot declare
 */
export function toPattern(inputs: UserInputs, present?: User): UserPattern {
  const pattern: UserPattern = {};
  const { fullName, description, enabled, allowPasswordChange, domainOnly, publishInGal } = inputs;
  if (fullName !== undefined) pattern.fullName = fullName;
  if (description !== undefined) pattern.description = description;
  if (enabled !== undefined) pattern.isEnabled = enabled;
  if (allowPasswordChange !== undefined) pattern.allowPasswordChange = allowPasswordChange;
  if (inputs.passwordReversible !== undefined) pattern.isPasswordReversible = inputs.passwordReversible;
  if (inputs.authentication !== undefined) pattern.authType = authTypes[inputs.authentication];
  if (domainOnly !== undefined) pattern.hasDomainRestriction = domainOnly;
  if (inputs.companyContactId !== undefined) pattern.companyContactId = inputs.companyContactId;
  if (publishInGal !== undefined) pattern.publishInGal = publishInGal;
  if (inputs.role !== undefined) {
    const role = fullRole(inputs.role);
    pattern.role = {
      userRole: roles[role.administration as keyof typeof roles],
      publicFolderRight: role.publicFolders,
      archiveFolderRight: role.archiveFolders,
    };
  }
  if (inputs.emailAddresses !== undefined) pattern.emailAddresses = [...inputs.emailAddresses];
  if (inputs.forwarding !== undefined) pattern.emailForwarding = toForwarding(inputs.forwarding);
  if (inputs.itemLimit !== undefined)
    pattern.itemLimit = {
      isActive: inputs.itemLimit !== "unlimited",
      limit: inputs.itemLimit === "unlimited" ? 0 : inputs.itemLimit,
    };
  if (inputs.diskQuota !== undefined) pattern.diskSizeLimit = toLimit(inputs.diskQuota);
  if (inputs.outgoingMessageLimit !== undefined) pattern.outMessageLimit = toLimit(inputs.outgoingMessageLimit);
  if (inputs.cleanOut !== undefined) pattern.cleanOutItems = toCleanOut(inputs.cleanOut, present);
  return pattern;
}

/**
 * The account's settings in the program's words, as far as the server tells them.
 *
 * @param domain lower case
 */
export function fromUser(
  user: User,
  domain: string,
  contact?: PersonalContact,
): { [K in UserSetting]?: UserInputs[K] } {
  return {
    fullName: user.fullName,
    description: user.description,
    enabled: user.isEnabled,
    allowPasswordChange: user.allowPasswordChange,
    passwordReversible: user.isPasswordReversible,
    authentication: authNames.find((name) => authTypes[name] === user.authType),
    role: fromRole(user),
    emailAddresses: user.emailAddresses?.map((address) => localPart(address, domain)).sort(),
    forwarding: fromForwarding(user),
    groups: user.userGroups?.map((group) => group.name ?? group.id).sort(),
    itemLimit: user.itemLimit && (user.itemLimit.isActive ? user.itemLimit.limit : "unlimited"),
    diskQuota: fromLimit(user.diskSizeLimit),
    outgoingMessageLimit: fromLimit(user.outMessageLimit),
    domainOnly: user.hasDomainRestriction,
    publishInGal: user.publishInGal,
    cleanOut: fromCleanOut(user),
    accessPolicy: user.accessPolicy?.name,
    companyContactId: user.companyContactId,
    contact: contact && contactFromApi(contact),
  };
}

function fromRole({ role }: User): UserInputs["role"] {
  if (!role) return undefined;
  const administration = (Object.keys(roles) as (keyof typeof roles)[]).find((name) => roles[name] === role.userRole);
  // A role of another name is one that the server has built in; nobody can declare it, so it shows as what it is not.
  return {
    administration: administration ?? "full",
    publicFolders: role.publicFolderRight ?? false,
    archiveFolders: role.archiveFolderRight ?? false,
  };
}

function toForwarding(forwarding: NonNullable<UserInputs["forwarding"]>): NonNullable<UserPattern["emailForwarding"]> {
  if (forwarding === "none") return { mode: "UForwardNone", emailAddresses: [] };
  return { mode: forwarding.keepCopy ? "UForwardDeliver" : "UForwardYes", emailAddresses: [...forwarding.to] };
}

function fromForwarding({ emailForwarding }: User): UserInputs["forwarding"] {
  if (!emailForwarding) return undefined;
  if (emailForwarding.mode === "UForwardNone") return "none";
  return { to: emailForwarding.emailAddresses ?? [], keepCopy: emailForwarding.mode === "UForwardDeliver" };
}

function toLimit(limit: string): NonNullable<UserPattern["diskSizeLimit"]> {
  const bytes = parseSize(limit);
  if (bytes === undefined) return { isActive: false, limit: { value: 0, units: "MegaBytes" } };
  return { isActive: true, limit: toApiSize(bytes) };
}

function fromLimit(limit: User["diskSizeLimit"]): string | undefined {
  return limit && (limit.isActive ? fromApiSize(limit.limit) : "unlimited");
}

/** What the web administration sends for a user of the domain's rule. */
const domainRule = { deletedItems: 30, junkEmail: 30, sentItems: 30, autoDelete: 1095 };

function toCleanOut(
  cleanOut: NonNullable<UserInputs["cleanOut"]>,
  present?: User,
): NonNullable<UserPattern["cleanOutItems"]> {
  const action = (wanted: number | false, part: keyof typeof domainRule) => ({
    isEnabled: wanted !== false,
    days: wanted === false ? (present?.cleanOutItems?.[part]?.days ?? domainRule[part]) : wanted,
  });
  const own = cleanOut === "domain" ? undefined : cleanOut;
  return {
    isUsedDomain: own === undefined,
    deletedItems: action(own?.deletedItems ?? false, "deletedItems"),
    junkEmail: action(own?.junkEmail ?? false, "junkEmail"),
    sentItems: action(own?.sentItems ?? false, "sentItems"),
    autoDelete: action(own?.allItems ?? false, "autoDelete"),
  };
}

function fromCleanOut({ cleanOutItems: rule }: User): UserInputs["cleanOut"] {
  if (!rule) return undefined;
  if (rule.isUsedDomain) return "domain";
  const days = (action?: { isEnabled: boolean; days: number }) => (action?.isEnabled ? action.days : false);
  return {
    deletedItems: days(rule.deletedItems),
    junkEmail: days(rule.junkEmail),
    sentItems: days(rule.sentItems),
    allItems: days(rule.autoDelete),
  };
}
