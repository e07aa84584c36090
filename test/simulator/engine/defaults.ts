import { randomUUID } from "node:crypto";
import { newId } from "./ids.js";
import type { Domain, Group, MailingList, Principal, Resource, Service, State, User, UserRight } from "./state.js";

/** The fifteen services of 10.0.8 with their ports, in the order of the administration. */
const serviceNames: readonly (readonly [string, number])[] = [
  ["SMTP", 25],
  ["Secure SMTP", 465],
  ["SMTP Submission", 587],
  ["POP3", 110],
  ["Secure POP3", 995],
  ["IMAP", 143],
  ["Secure IMAP", 993],
  ["NNTP", 119],
  ["Secure NNTP", 563],
  ["LDAP", 389],
  ["Secure LDAP", 636],
  ["HTTP", 80],
  ["Secure HTTP", 443],
  ["XMPP", 5222],
  ["Secure XMPP", 5223],
];

/** The services as installed: all of them start with the engine. */
export function newServices(): Service[] {
  return serviceNames.map(([name, defaultPort]) => ({
    id: newId("service"),
    name,
    howToStart: "Automatic",
    defaultPort,
    isRunning: false,
    settings: {},
  }));
}

/** A server before its set-up: no domain, no administrator. */
export function newState(): State {
  return {
    settings: {
      hostname: "mail.example.com",
      serverId: newId("server"),
      setupFinished: false,
      publicFoldersPerDomain: true,
      storePath: "",
      backupPath: "",
      archivePath: "",
      backupEnabled: true,
      backup: {
        rotationLimit: 5,
        splitSizeLimit: { value: 2, units: "GigaBytes" },
        networkDiskUserName: "",
        notificationEmailAddress: "",
        schedule: backupSchedule(),
      },
      lockoutEnabled: true,
      failedLoginsToLock: 3,
      minutesToUnlock: 5,
      sessionIdleMinutes: 0,
      sessionMaxMinutes: 0,
      sessionForceLogout: false,
      antiHammering: { isEnabled: false, failedLoginsToBlock: 10, minutesToBlock: 5 },
      remoteAdministration: {},
      options: {},
      webSettings: {},
    },
    admin: { isEnabled: false, userName: "Admin", passwordStored: "NUL:" },
    domains: [],
    users: [],
    aliases: [],
    groups: [],
    lists: [],
    resources: [],
    services: newServices(),
    policies: [
      { id: newId("accesspolicygroup"), name: "Default", isDefault: true },
      { id: newId("accesspolicygroup"), name: "No access", isDefault: false },
    ],
    accessRules: [],
    companies: [],
    templates: [],
  };
}

/** As installed: a full backup on Sunday, a differential one on every other day, at one in the morning. */
function backupSchedule(): Record<string, unknown>[] {
  return ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"].map((day) => ({
    isEnabled: true,
    type: day === "Sunday" ? "backupTypeFull" : "backupTypeDifferential",
    day,
    hour: 1,
    min: 0,
    description: "",
  }));
}

/** A local domain with the settings of a fresh installation. */
export function newDomain(name: string, isPrimary: boolean): Domain {
  return {
    id: newId("domain"),
    name: name.toLowerCase(),
    description: "",
    isPrimary,
    userMaxCount: 0,
    passwordHistoryCount: 0,
    passwordComplexityEnabled: false,
    passwordMinimumLength: 8,
    aliasList: [],
    settings: {},
  };
}

/** The rights of somebody who administers nothing. */
export function noRights(): UserRight {
  return { userRole: "UserRole", publicFolderRight: false, archiveFolderRight: false };
}

/** An account as a minimal `Users.create` makes it; the id is new each time, also for a name that was used before. */
export function newUser(domainId: string, loginName: string, accessPolicyId: string): User {
  const off = { isActive: false, limit: { value: 0, units: "MegaBytes" } };
  return {
    id: newId("user", domainId),
    domainId,
    companyContactId: "",
    loginName,
    fullName: "",
    description: "",
    isEnabled: true,
    itemSource: "DSInternalSource",
    authType: "UInternalAuth",
    passwordStored: "NUL:",
    passwordHistory: [],
    isPasswordReversible: true,
    allowPasswordChange: true,
    hasDefaultSpamRule: false,
    role: noRights(),
    emailAddresses: [],
    emailForwarding: { mode: "UForwardNone", emailAddresses: [] },
    itemLimit: { isActive: false, limit: 0 },
    diskSizeLimit: structuredClone(off),
    outMessageLimit: structuredClone(off),
    hasDomainRestriction: false,
    lastLoginInfo: { dateTime: 0, protocol: "" },
    publishInGal: true,
    cleanOutItems: {
      isUsedDomain: true,
      deletedItems: { isEnabled: false, days: 30 },
      junkEmail: { isEnabled: false, days: 30 },
      sentItems: { isEnabled: false, days: 30 },
      autoDelete: { isEnabled: false, days: 1095 },
    },
    accessPolicyId,
    contact: {},
    mobileDevices: [],
  };
}

/** A group without members. */
export function newGroup(domainId: string, name: string): Group {
  return {
    id: newId("group", domainId),
    domainId,
    name,
    emailAddresses: [],
    role: "UserRole",
    hasDomainRestriction: false,
    description: "",
    itemSource: "DSInternalSource",
    publishInGal: true,
    memberIds: [],
  };
}

/** A mailing list that anybody may subscribe and write to. */
export function newList(domainId: string, name: string): MailingList {
  return {
    id: newId("mailinglist", domainId),
    domainId,
    name,
    description: "",
    settings: {
      languageId: "en",
      welcomeString: "",
      footerString: "",
      subscription: { type: "Allowed", moderatorReview: false, moderatorNotification: false },
      posting: {
        memberPosting: "PostAllowed",
        nonMemberPosting: "PostAllowed",
        moderatorPosting: "PostAllowed",
        userPostingNotification: false,
        sendErrorsToModerator: false,
      },
      replyTo: "Sender",
      otherAddress: "",
      subjectPrefix: "",
      hideSenderAddress: false,
      allowEmptySubject: true,
    },
    archive: { keepArchive: false, archiveOnlyForLogged: false, archiveReaderList: [] },
    members: [],
  };
}

/** A principal that is nobody in particular. */
export function plainPrincipal(type: string): Principal {
  return {
    type,
    id: "",
    name: "",
    domainName: "",
    fullName: "",
    description: "",
    isEnabled: true,
    itemSource: "DSInternalSource",
  };
}

/** A room that everybody of the domain may book. */
export function newResource(domainId: string, name: string): Resource {
  return {
    id: newId("resource", domainId),
    domainId,
    name,
    description: "",
    type: "Room",
    isEnabled: true,
    resourceUsers: [plainPrincipal("AuthDomainPrincipal")],
    manager: plainPrincipal("NonePrincipal"),
  };
}

/** A password that the policy of a fresh domain takes, switched on or not. */
export function randomPassword(): string {
  return `Kc-${randomUUID().replaceAll("-", "").slice(0, 18)}7Q`;
}
