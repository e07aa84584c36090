import { contact, domain, limit, list, named, right, size, span, user } from "./recorded-rows";

/** Ids that a request needs to name something that is there. */
export interface Known {
  domainId: string;
  userId: string;
  groupId: string;
  listId: string;
  resourceId: string;
  serviceId: string;
}

/** One request of a method and its answer, as public sources show them: values stand for their types. */
export interface RecordedShape {
  method: string;
  params: Record<string, unknown>;
  answer: Record<string, unknown>;
}

const download = { fileDownload: { url: "", name: "", length: 0 } };
const created = { errors: [], result: [{ inputIndex: 0, id: "" }] };
const done = { errors: [] };
const all = { fields: [], conditions: [], combining: "Or", start: 0, limit: -1, orderBy: [] };

/** The requests, with ids that are there. The accounts a create makes must not be there yet. */
export function recordedShapes(known: Known): RecordedShape[] {
  const { domainId, userId, groupId, listId, resourceId, serviceId } = known;
  const inDomain = { query: all, domainId };
  const userIds = [userId];
  const member = { hasId: false, userId: "", emailAddress: "new@example.org", fullName: "", kind: "Member" };
  const shape = (method: string, params: Record<string, unknown>, answer: Record<string, unknown>) => ({
    method,
    params,
    answer,
  });
  return [
    shape(
      "Session.whoAmI",
      {},
      {
        userDetails: { id: "", domainId: "", loginName: "", fullName: "", effectiveRole: right },
      },
    ),
    shape("Session.getDomain", {}, { domain: { name: "", displayName: "", id: "", description: "" } }),
    shape("Users.get", inDomain, { list: [user], totalItems: 0 }),
    shape("Users.create", { users: [fullUser(domainId)] }, created),
    shape("Users.set", { userIds, pattern: { isEnabled: true, emailAddresses: ["kept"] } }, done),
    shape("Users.getPersonalContact", { userIds }, { errors: [], contacts: [contact] }),
    shape("Users.setPersonalContact", { userIds, contact: { companyName: "Example" } }, done),
    shape(
      "Users.getEffectiveUserRights",
      { userIds },
      { errors: [], result: [{ userId: "", hasDomainRestriction: false }] },
    ),
    shape("Users.getMailboxCount", {}, { count: { active: 0, total: 0 } }),
    shape("Users.getRecoveryDeletedItemsSize", { userIds }, { errors: [], sizeList: [{ items: 0, storage: size }] }),
    shape(
      "Users.recoverDeletedItems",
      { userIds },
      { errors: [], recoveryMessages: [{ inputIndex: 0, itemsCount: 0 }] },
    ),
    shape("Users.getMobileDeviceList", { userId, query: all }, { list: [{ deviceId: "" }], totalItems: 0 }),
    shape("Users.exportToCsv", { filename: "users.csv", query: all, domainId }, download),
    shape("Users.exportStatistics", { userIds, format: "TypeXml" }, download),
    shape("Aliases.create", { aliases: [sampleAlias(domainId)] }, created),
    shape("Aliases.get", inDomain, {
      list: [
        {
          id: "",
          domainId: "",
          name: "",
          deliverTo: "",
          deliverToId: "",
          type: "",
          description: "",
          homeServer: named,
        },
      ],
      totalItems: 0,
    }),
    shape("Aliases.check", { checkString: "recorded" }, { result: [""] }),
    shape("Aliases.getTargetList", inDomain, {
      list: [
        {
          id: "",
          type: "",
          name: "",
          fullName: "",
          description: "",
          isEnabled: true,
          itemSource: "",
          emailAddress: "",
        },
      ],
      totalItems: 0,
    }),
    shape("Domains.get", { query: all }, { list: [domain], totalItems: 0 }),
    shape("Domains.set", { domainIds: [domainId], pattern: { passwordHistoryCount: 0 } }, done),
    shape("Domains.getSettings", {}, { setting: { hostname: "", publicFoldersPerDomain: true, serverId: "" } }),
    shape(
      "Domains.getUserCountInfo",
      { domainId },
      {
        countInfo: { currentUsers: 0, allowedUsers: { isUnlimited: false, allowedUsers: 0, limit: 0, limitType: "" } },
      },
    ),
    shape("Domains.generatePassword", { domainId }, { password: "" }),
    shape("Groups.get", inDomain, {
      list: [
        {
          id: "",
          domainId: "",
          name: "",
          emailAddresses: [],
          role: "",
          hasDomainRestriction: false,
          description: "",
          itemSource: "",
          publishInGal: true,
        },
      ],
      totalItems: 0,
    }),
    shape("Groups.addMemberList", { groupId, userList: userIds }, done),
    shape("Groups.removeMemberList", { groupId, userIds }, done),
    shape("MailingLists.get", inDomain, { list: [list], totalItems: 0 }),
    shape("MailingLists.set", { mlIds: [listId], pattern: { subjectPrefix: "[x]" } }, done),
    shape(
      "MailingLists.getMlUserList",
      { query: all, mlId: listId },
      {
        list: [{ hasId: true, userId: "", emailAddress: "", fullName: "", kind: "" }],
        totalItems: 0,
      },
    ),
    shape("MailingLists.addMlUserList", { members: [member], mlId: listId }, done),
    shape("MailingLists.removeMlUserList", { members: [member], mlId: listId }, done),
    shape("MailingLists.exportMlUsersToCsv", { kind: "Member", mlId: listId }, download),
    shape("Resources.get", inDomain, {
      list: [
        {
          id: "",
          domainId: "",
          name: "",
          address: "",
          description: "",
          type: "",
          isEnabled: true,
          resourceUsers: [],
          manager: { type: "", id: "", name: "" },
          homeServer: named,
        },
      ],
      totalItems: 0,
    }),
    shape("Resources.set", { resourceIds: [resourceId], pattern: { description: "x" } }, done),
    shape(
      "Services.get",
      {},
      {
        services: [
          {
            id: "",
            name: "",
            howToStart: "",
            listeners: [{ type: "", address: "", port: 0 }],
            group: { isUsed: false, ipGroup: named },
            connectionLimit: { isSet: true, value: 0 },
            defaultPort: 0,
            isRunning: true,
            anonymousAccess: false,
          },
        ],
      },
    ),
    shape("Services.start", { service: serviceId }, {}),
    shape("Server.getVersion", {}, { product: "", version: "", major: 0, minor: 0, revision: 0, build: 0 }),
    shape("Server.getServerTime", {}, { info: { timezoneOffset: 0, startTime: 0, currentTime: 0 } }),
    shape("Server.getDirs", { fullPath: "/" }, { dirList: [{ name: "", hasSubdirectory: true }] }),
    shape("Server.pathExists", { path: "/", credentials: { userName: "", password: "" } }, { result: "" }),
    shape(
      "Server.findEntityByEmail",
      { addresses: ["jdoe"], updatedEntity: { kind: "EntityUser", id: "" }, domainId },
      {
        entities: [{ kind: "", name: "", collisionAddress: "", win: true, isPattern: false }],
      },
    ),
    shape(
      "Server.getWebSessions",
      { query: all },
      {
        list: [{ id: "", userName: "", clientAddress: "", expirationTime: "", componentType: "", isSecure: true }],
        totalItems: 0,
      },
    ),
    shape(
      "AdvancedOptions.get",
      {},
      {
        options: {
          miscellaneous: {},
          storeDirectory: {
            storePath: "",
            archivePath: "",
            backupPath: "",
            watchdogSoftLimit: size,
            watchdogHardLimit: size,
          },
          masterAuthentication: {},
          httpProxy: {},
          updateChecker: {},
          webMail: { sessionExpireTimeout: size, maximumSessionDuration: size, forceLogout: false },
          userQuota: {},
          fulltext: {},
          koffOptions: {},
          operatorOptions: {},
        },
      },
    ),
    shape("AdvancedOptions.set", { options: { userQuota: { warningLimit: 80 } } }, {}),
    shape(
      "Backup.getStatus",
      {},
      {
        status: {
          backupInProgress: false,
          percents: 0,
          lastBackupStatus: "",
          elapsedTime: span,
          remainingTime: span,
          lastFull: { isCreated: false, created: 0, size },
          lastDifferential: {},
          lastMirror: {},
        },
      },
    ),
    shape("SecurityPolicy.set", { options: { misc: { enableLockout: true } } }, {}),
    shape(
      "Statistics.get",
      {},
      {
        statistics: {
          start: 0,
          uptime: span,
          received: { count: "", volume: size },
          smtpServer: { acceptedMessages: "" },
        },
      },
    ),
    shape(
      "ProductRegistration.getFullStatus",
      {},
      {
        status: {
          regType: "",
          Id: "",
          company: "",
          users: "",
          expirations: [{ type: "", isUnlimited: false, remainingDays: 0, date: "" }],
        },
      },
    ),
    shape("AccessPolicy.getGroupList", {}, { groups: [{ id: "", name: "", isDefault: true }] }),
    shape("UserTemplates.get", { query: all }, { userTemplateList: [], totalItems: 0 }),
    shape("Version.getApiVersion", {}, { apiVersion: 0 }),
    shape(
      "Version.getProductVersion",
      {},
      {
        productVersion: {
          productName: "",
          major: 0,
          minor: 0,
          revision: 0,
          build: 0,
          order: 0,
          releaseType: "",
          displayNumber: "",
        },
      },
    ),
    shape("Queue.get", { query: all }, { list: [], totalItems: 0, volume: size }),
    shape(
      "Users.remove",
      {
        requests: [
          {
            userId: "none",
            method: "UDeleteUser",
            removeReferences: false,
            targetUserId: "",
            mode: "DSModeDeactivate",
          },
        ],
      },
      {
        errors: [
          { inputIndex: 0, code: 0, message: "", messageParameters: { positionalParameters: [""], plurality: 1 } },
        ],
      },
    ),
  ];
}

/** The account that the web administration sends, every member of it. */
function fullUser(domainId: string): Record<string, unknown> {
  return {
    domainId,
    companyContactId: "",
    loginName: "recorded.user",
    fullName: "R",
    description: "",
    isEnabled: true,
    itemSource: "DSInternalSource",
    authType: "UInternalAuth",
    password: "Xk7-pretty-long",
    isPasswordReversible: true,
    allowPasswordChange: true,
    hasDefaultSpamRule: true,
    role: right,
    emailAddresses: [],
    emailForwarding: { mode: "UForwardNone", emailAddresses: [] },
    userGroups: [],
    itemLimit: { isActive: false, limit: 0 },
    diskSizeLimit: limit,
    outMessageLimit: limit,
    hasDomainRestriction: false,
    publishInGal: true,
    cleanOutItems: user.cleanOutItems,
  };
}

/** As the vendor's own sample of 2012 writes it, with a member that later definitions do not have. */
function sampleAlias(domainId: string): Record<string, unknown> {
  return {
    domainId,
    name: "recorded",
    deliverTo: "jdoe@example.com",
    description: "",
    deliverToSelect: "TypeEmailAddress",
  };
}
