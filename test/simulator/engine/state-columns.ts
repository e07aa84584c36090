/** How one member of a row is written: as text, as 0/1, as a number, names in a row, or (structured ones) as JSON. */
export type Kind = "text" | "flag" | "number" | "names" | "json";

/** [member of the row, name of the variable, kind]. Names that public sources show are used as they show them. */
export type Column = readonly [member: string, variable: string, kind: Kind];

/** An account, in users.cfg. */
export const userColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["loginName", "Name", "text"],
  ["passwordStored", "Password", "text"],
  ["passwordHistory", "PasswordHistory", "names"],
  ["isEnabled", "Account_enabled", "flag"],
  ["fullName", "FullName", "text"],
  ["description", "Description", "text"],
  ["companyContactId", "CompanyContactId", "text"],
  ["itemSource", "ItemSource", "text"],
  ["authType", "Auth_type", "text"],
  ["isPasswordReversible", "PasswordReversible", "flag"],
  ["allowPasswordChange", "AllowPasswordChange", "flag"],
  ["hasDefaultSpamRule", "DefaultSpamRule", "flag"],
  ["role", "Role", "json"],
  ["emailAddresses", "MailAddress", "names"],
  ["emailForwarding", "Forwarding", "json"],
  ["itemLimit", "ItemLimit", "json"],
  ["diskSizeLimit", "DiskSizeLimit", "json"],
  ["outMessageLimit", "OutMessageLimit", "json"],
  ["hasDomainRestriction", "DomainRestriction", "flag"],
  ["lastLoginInfo", "LastLogin", "json"],
  ["publishInGal", "PublishInGal", "flag"],
  ["cleanOutItems", "CleanOut", "json"],
  ["accessPolicyId", "AccessPolicy", "text"],
  ["contact", "Contact", "json"],
  ["mobileDevices", "MobileDevices", "json"],
];

/** An alias, in users.cfg. */
export const aliasColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Lhs", "text"],
  ["deliverTo", "Rhs", "text"],
  ["deliverToId", "RhsId", "text"],
  ["type", "Type", "text"],
  ["description", "Description", "text"],
];

/** A group, in users.cfg. */
export const groupColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["emailAddresses", "MailAddress", "names"],
  ["role", "Role", "text"],
  ["hasDomainRestriction", "DomainRestriction", "flag"],
  ["description", "Description", "text"],
  ["itemSource", "ItemSource", "text"],
  ["publishInGal", "PublishInGal", "flag"],
  ["memberIds", "Members", "json"],
];

/** A domain. */
export const domainColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Domain", "text"],
  ["description", "Description", "text"],
  ["isPrimary", "Primary", "flag"],
  ["userMaxCount", "UserMaxCount", "number"],
  ["passwordHistoryCount", "PasswordHistoryCount", "number"],
  ["passwordComplexityEnabled", "PasswordComplexity", "flag"],
  ["passwordMinimumLength", "PasswordMinimumLength", "number"],
  ["aliasList", "Aliases", "json"],
  ["settings", "Settings", "json"],
];

/** A mailing list. */
export const listColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["description", "Description", "text"],
  ["settings", "Settings", "json"],
  ["archive", "Archive", "json"],
  ["members", "Members", "json"],
];

/** A resource. */
export const resourceColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["description", "Description", "text"],
  ["type", "Type", "text"],
  ["isEnabled", "Enabled", "flag"],
  ["resourceUsers", "Users", "json"],
  ["manager", "Manager", "json"],
];

/** A service. */
export const serviceColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["howToStart", "Startup", "text"],
  ["defaultPort", "Port", "number"],
  ["settings", "Settings", "json"],
];

/** A company. */
export const companyColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["domainId", "DomainGuid", "text"],
  ["name", "Name", "text"],
  ["settings", "Settings", "json"],
];

/** A template of accounts. */
export const templateColumns: readonly Column[] = [...companyColumns, ["description", "Description", "text"]];

/** An access policy. */
export const policyColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["name", "Name", "text"],
  ["isDefault", "Default", "flag"],
];

/** A rule of an access policy. */
export const ruleColumns: readonly Column[] = [
  ["id", "Guid", "text"],
  ["groupId", "Policy", "text"],
  ["settings", "Settings", "json"],
];

/** The table of the built-in administrator. */
export const adminColumns: readonly Column[] = [
  ["isEnabled", "BuiltInAdminEnabled", "flag"],
  ["userName", "BuiltInAdminUsername", "text"],
  ["passwordStored", "BuiltInAdminPassword", "text"],
];

/** The settings that have no table of their own. */
export const settingsColumns: readonly Column[] = [
  ["hostname", "InternetHostname", "text"],
  ["serverId", "ServerGuid", "text"],
  ["setupFinished", "SetupFinished", "flag"],
  ["publicFoldersPerDomain", "PublicFoldersPerDomain", "flag"],
  ["storePath", "StorePath", "text"],
  ["backupPath", "BackupPath", "text"],
  ["archivePath", "ArchivePath", "text"],
  ["backupEnabled", "BackupEnabled", "flag"],
  ["backup", "Backup", "json"],
  ["sessionIdleMinutes", "SessionExpireTimeout", "number"],
  ["sessionMaxMinutes", "MaximumSessionDuration", "number"],
  ["sessionForceLogout", "SessionForceLogout", "flag"],
  ["remoteAdministration", "RemoteAdministration", "json"],
  ["options", "AdvancedOptions", "json"],
  ["webSettings", "WebSettings", "json"],
];

/** The table of the security policy. */
export const securityColumns: readonly Column[] = [
  ["lockoutEnabled", "LockoutEnabled", "flag"],
  ["failedLoginsToLock", "LockoutCount", "number"],
  ["minutesToUnlock", "LockoutResetInterval", "number"],
  ["antiHammering", "AntiHammering", "json"],
];
