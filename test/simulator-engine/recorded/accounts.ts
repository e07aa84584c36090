import { contact, limit, right, size, user } from "./rows";
import { all, created, done, download, refused, shape, type Known, type RecordedShape } from "./shape";

/** Session and Users. The account that is made must not be there yet. */
export function accountShapes({ domainId, userId, fileId, spare }: Known): RecordedShape[] {
  const inDomain = { query: all, domainId };
  const userIds = [userId];
  const device = { userId, deviceId: "SIM0000000001" };
  const outside = { service: "x", connectionId: "1", isSecure: true };
  const application = { name: "", vendor: "", version: "" };
  const login = { userName: "Admin", password: "Secret-7", application };
  const removal = { method: "UDeleteUser", removeReferences: false, targetUserId: "", mode: "DSModeDeactivate" };
  return [
    shape("Session.login", login, { token: "" }),
    shape("Session.logout", {}, { redirectUrl: "" }),
    shape("Session.getSettings", { query: {} }, { settings: {} }),
    shape("Session.setSettings", { settings: { pageSize: 50 } }, {}),
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
    shape("Users.remove", { requests: [{ userId: "none", ...removal }] }, refused),
    shape("Users.remove", { requests: [{ userId: spare.userId, ...removal }] }, done),
    shape("Users.getNotActivated", { domainId }, { newUsers: [] }),
    shape("Users.parseFromCsv", { fileId, domainToImport: domainId }, { users: [{ userItem: { loginName: "" } }] }),
    shape("Users.getStatistics", { userIds, query: all }, { list: [{ name: "", lastLogin: { dateTime: 0 } }] }),
    shape("Users.getContactPublicFolderList", { domainId }, { publicFolders: [{ id: "", name: "" }] }),
    shape("Users.checkMailboxIntegrity", { userIds }, {}),
    shape("Users.wipeMobileDevice", device, {}),
    shape("Users.cancelWipeMobileDevice", device, {}),
    shape("Users.removeMobileDevice", device, {}),
    shape("Users.resetBuddyList", { userIds }, {}),
    shape("Users.connectFromExternalService", { ...outside, clientIpAddress: "192.0.2.1", port: 1 }, { result: true }),
    shape(
      "Users.authenticateConnectionFromExternalService",
      { ...outside, userName: "jdoe", password: "eA==" },
      { result: "AuthFail" },
    ),
    shape("Users.disconnectFromExternalService", { service: "x", connectionId: "1" }, {}),
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
