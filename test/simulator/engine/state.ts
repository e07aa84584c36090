/** The plain data the engine lives on. What the Admin API shows is made from it by the handlers in `rpc/`. */

/** An id and a name, the form in which the API points at servers, policies and groups. */
export interface Named {
  id: string;
  name: string;
}

/** Rights of an account or of a group. */
export interface UserRight {
  userRole: string;
  publicFolderRight: boolean;
  archiveFolderRight: boolean;
}

/** A number of bytes in the units the administrator chose. */
export interface ByteValue {
  value: number;
  units: string;
}

/** A limit of size that may be off. */
export interface SizeLimit {
  isActive: boolean;
  limit: ByteValue;
}

/** An automatic action after a number of days. */
export interface ActionAfterDays {
  isEnabled: boolean;
  days: number;
}

/** Rules by which old items are removed. */
export interface CleanOut {
  isUsedDomain: boolean;
  deletedItems: ActionAfterDays;
  junkEmail: ActionAfterDays;
  sentItems: ActionAfterDays;
  autoDelete: ActionAfterDays;
}

/** The person's entry in the contacts of the company; the members the API names, absent ones are empty. */
export type PersonalContact = Record<string, unknown>;

/** One account. Its mailbox is `store/mail/<domain>/<loginName in lower case>`; nothing else ties the two. */
export interface User {
  id: string;
  domainId: string;
  companyContactId: string;
  loginName: string;
  fullName: string;
  description: string;
  isEnabled: boolean;
  itemSource: string;
  authType: string;
  /** In the stored form, see password-storage.ts; never in clear. */
  passwordStored: string;
  /** Earlier passwords, hashed, the newest first. */
  passwordHistory: string[];
  isPasswordReversible: boolean;
  allowPasswordChange: boolean;
  /** Whether the account was made with the rule that files spam away. */
  hasDefaultSpamRule: boolean;
  role: UserRight;
  /** Local parts in lower case. */
  emailAddresses: string[];
  emailForwarding: { mode: string; emailAddresses: string[] };
  itemLimit: { isActive: boolean; limit: number };
  diskSizeLimit: SizeLimit;
  outMessageLimit: SizeLimit;
  hasDomainRestriction: boolean;
  lastLoginInfo: { dateTime: number; protocol: string };
  publishInGal: boolean;
  cleanOutItems: CleanOut;
  accessPolicyId: string;
  contact: PersonalContact;
  mobileDevices: MobileDevice[];
}

/** A telephone or tablet that has synchronised with an account. Times are seconds of the epoch. */
export interface MobileDevice {
  deviceId: string;
  os: string;
  platform: string;
  protocolVersion: string;
  registrationDate: number;
  lastSynchronizationDate: number;
  folderList: string[];
  /** DevStatConnected, DevStatWipeInitiated or DevStatWipeFinished. */
  status: string;
  remoteHost: string;
}

/** A row of the alias table. (domainId, name) is not unique. */
export interface Alias {
  id: string;
  domainId: string;
  name: string;
  deliverTo: string;
  deliverToId: string;
  type: string;
  description: string;
}

/** A group; its members are held by id, and an id may outlive its account. */
export interface Group {
  id: string;
  domainId: string;
  name: string;
  emailAddresses: string[];
  role: string;
  hasDomainRestriction: boolean;
  description: string;
  itemSource: string;
  publishInGal: boolean;
  memberIds: string[];
}

/** A member of a mailing list: a local account by id, anybody else by address. */
export interface ListMember {
  hasId: boolean;
  userId: string;
  emailAddress: string;
  fullName: string;
  kind: string;
}

/** Somebody who may read the archive of a mailing list: an account or a group, by id. */
export interface ArchiveReader {
  /** TrusteeUser or TrusteeGroup. */
  kind: string;
  readerId: string;
}

/** A mailing list. `settings` holds the members of the API's Ml that this engine only keeps, and `posting`. */
export interface MailingList {
  id: string;
  domainId: string;
  name: string;
  description: string;
  settings: Record<string, unknown>;
  archive: { keepArchive: boolean; archiveOnlyForLogged: boolean; archiveReaderList: ArchiveReader[] };
  members: ListMember[];
}

/** Somebody who may use or manage a resource. */
export interface Principal {
  type: string;
  id: string;
  name: string;
  domainName: string;
  fullName: string;
  description: string;
  isEnabled: boolean;
  itemSource: string;
}

/** A room or a piece of equipment. */
export interface Resource {
  id: string;
  domainId: string;
  name: string;
  description: string;
  type: string;
  isEnabled: boolean;
  resourceUsers: Principal[];
  manager: Principal;
}

/** A mail domain. `settings` holds the members of the API's Domain that this engine only keeps. */
export interface Domain {
  id: string;
  name: string;
  description: string;
  isPrimary: boolean;
  userMaxCount: number;
  passwordHistoryCount: number;
  passwordComplexityEnabled: boolean;
  passwordMinimumLength: number;
  aliasList: string[];
  settings: Record<string, unknown>;
}

/** A service of the engine. Only its start type outlives the process. */
export interface Service {
  id: string;
  name: string;
  howToStart: string;
  defaultPort: number;
  isRunning: boolean;
  /** What `Services.set` has changed and the engine only keeps. */
  settings: Record<string, unknown>;
}

/** A set of rules on clients that an account may use. */
export interface AccessPolicy {
  id: string;
  name: string;
  isDefault: boolean;
}

/** One rule of a policy; `settings` holds the members of the API's rule that this engine only keeps. */
export interface AccessRule {
  id: string;
  /** The policy. */
  groupId: string;
  settings: Record<string, unknown>;
}

/** An entry in the list of companies that contacts may belong to. */
export interface CompanyContact {
  id: string;
  /** Empty for all domains. */
  domainId: string;
  name: string;
  settings: Record<string, unknown>;
}

/** What new accounts start with; `settings` holds the members of a User that it sets. */
export interface UserTemplate {
  id: string;
  name: string;
  description: string;
  /** Empty for all domains. */
  domainId: string;
  settings: Record<string, unknown>;
}

/** How backups are made; the schedule is kept, nothing is started by it. */
export interface BackupSettings {
  /** How many full ones and copies by hand stay. */
  rotationLimit: number;
  splitSizeLimit: ByteValue;
  networkDiskUserName: string;
  notificationEmailAddress: string;
  schedule: Record<string, unknown>[];
}

/** The options that the API shows as AdvancedOptions, SecurityPolicy, Backup and the rest. */
export interface Settings {
  hostname: string;
  serverId: string;
  setupFinished: boolean;
  publicFoldersPerDomain: boolean;
  /** Absolute; empty means `<programDir>/store`. */
  storePath: string;
  backupPath: string;
  archivePath: string;
  backupEnabled: boolean;
  backup: BackupSettings;
  lockoutEnabled: boolean;
  failedLoginsToLock: number;
  minutesToUnlock: number;
  /** 0 where nobody has set it; the same for the next. */
  sessionIdleMinutes: number;
  sessionMaxMinutes: number;
  /** Whether a session ends when its client comes from another address. */
  sessionForceLogout: boolean;
  /** The protection against guessing: bad logins of one address within a minute, and for how long it is shut out. */
  antiHammering: { isEnabled: boolean; failedLoginsToBlock: number; minutesToBlock: number };
  /** From where the administration may be reached; kept, not acted on. */
  remoteAdministration: Record<string, unknown>;
  /** What AdvancedOptions keeps without acting on it. */
  options: Record<string, unknown>;
  /** Free-form settings of the web administration by the id of the account; those of the built-in administrator by "". */
  webSettings: Record<string, unknown>;
}

/** The administrator that belongs to no domain and takes no seat. */
export interface BuiltInAdmin {
  isEnabled: boolean;
  userName: string;
  passwordStored: string;
}

/** Everything that the two configuration files hold. */
export interface State {
  settings: Settings;
  admin: BuiltInAdmin;
  domains: Domain[];
  users: User[];
  aliases: Alias[];
  groups: Group[];
  lists: MailingList[];
  resources: Resource[];
  services: Service[];
  policies: AccessPolicy[];
  accessRules: AccessRule[];
  companies: CompanyContact[];
  templates: UserTemplate[];
}
