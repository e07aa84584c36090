/**
 * Every method of the product's Administration API that is known by name, by interface: those that the translations of
 * the vendor's definition show, and some of Certificates, DistributedDomain and Logs that were not held against one. Of
 * a few interfaces nothing but their own name is known: their lists are empty.
 */
const known = {
  AccessPolicy: "get create set remove getGroupList createGroupList setGroupList removeGroupList",
  AdvancedOptions: "get set checkUpdates getFulltextStatus startRebuildFulltext",
  Aliases: "get create set remove check getTargetList getMailPublicFolderList",
  Archive: "get set",
  Backup: "get set getStatus start getScheduleList setScheduleList",
  Batch: "run",
  Certificates:
    "get generate generateEx generateRequest getCountryList exportCertificate exportCertificateRequest " +
    "exportPrivateKey importCertificate importPrivateKey remove setActive",
  CompanyContacts: "get getAvailable create set remove",
  ConnectCertificate: "",
  Content: "",
  Delivery: "",
  DistributedDomain: "getRole getHomeServerList getDistributable getStatus connect copy disconnect",
  Domains:
    "get create set remove rename getSettings setSettings getUserCountInfo generatePassword getDkimDnsRecord " +
    "checkPublicFoldersIntegrity saveFooterImage saveWebMailLogo testDomainController testDkimDnsStatus " +
    "getDomainFooterPlaceholders",
  Downloads: "remove",
  Dumps: "",
  Groups: "get create createLdap set remove activate addMemberList removeMemberList",
  Init:
    "getHostname setHostname checkHostname checkMxRecord createPrimaryDomain createAdministratorAccount " +
    "getMessageStorePath setMessageStorePath checkMessageStorePath getDirs setClientStatistics getEula " +
    "getProductInfo getNamedConstantList getBrowserLanguages finish",
  InstantMessaging: "",
  IpAddressGroups: "get create set remove getGroupList",
  Logs:
    "get getLogSet search cancelSearch getSearchProgress clear exportLog exportLogRelative getSettings setSettings " +
    "getMessages setMessages getHighlightRules setHighlightRules",
  MailingLists:
    "get create set remove getMlUserList addMlUserList removeMlUserList exportMlUsersToCsv getMlUserListFromCsv " +
    "getSuffixes getTrusteeTargetList",
  Migration: "start cancel get getStatus",
  ProductRegistration: "get getFullStatus start finish verifyNumber",
  Queue: "get getProcessed run remove removeAll tryToSend",
  Resources: "get create set remove getPrincipalList",
  SecurityPolicy: "get set unlockAllAccounts",
  SenderPolicy: "get set",
  Server:
    "getVersion getProductInfo getAboutInfo getAlertList getDirs pathExists createPath getConnections " +
    "getOpenedFoldersInfo getWebSessions killWebSessions findEntityByEmail getServerTime getRemoteAdministration " +
    "setRemoteAdministration validateRemoteAdministration getLicenseExtensionsList getServerIpAddresses " +
    "getServerHash getClientStatistics setClientStatistics getNamedConstantList getBrowserLanguages getColumnList " +
    "generateSupportInfo sendBugReport uploadLicense restart reboot upgrade",
  Services: "get set start stop restart getIPv6 setIPv6 stopMacOSServices",
  Session: "login logout whoAmI getDomain getSettings setSettings",
  Smtp: "get set",
  Statistics: "get getCharts getChartData reset exportToHtml",
  SystemHealth: "get",
  TechnicalSupport: "getInfo addToUploadQueue uploadSystemInfo",
  TimeRanges: "get getGroupList create set remove",
  UnitySignOn: "get set",
  Uploads: "remove",
  UserTemplates: "get getAvailable create set remove",
  UserVoice: "",
  Users:
    "get create createLdap set remove activate activateOnServer getNotActivated getFromServer parseFromCsv " +
    "exportToCsv exportStatistics getStatistics getMailboxCount getContactPublicFolderList getPersonalContact " +
    "setPersonalContact getEffectiveUserRights checkMailboxIntegrity getRecoveryDeletedItemsSize " +
    "recoverDeletedItems getMobileDeviceList removeMobileDevice wipeMobileDevice cancelWipeMobileDevice " +
    "resetBuddyList connectFromExternalService authenticateConnectionFromExternalService " +
    "disconnectFromExternalService",
  Version: "getApiVersion getProductVersion",
} as const;

/** Names of methods by interface, in the order of the docs. */
export const productMethods: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(known).map(([name, methods]) => [name, methods === "" ? [] : methods.split(" ")]),
);

/** How the real server spells its methods. */
const spelling = /^[a-z][A-Za-z0-9]*$/;

/** Whether the real server has a method of this name, as far as is known: of an interface without a list, any. */
export function productHas(method: string): boolean {
  const [interfaceName = "", name = "", ...rest] = method.split(".");
  const methods = Object.hasOwn(productMethods, interfaceName) ? productMethods[interfaceName] : undefined;
  if (!methods || rest.length > 0) return false;
  return methods.length === 0 ? spelling.test(name) : methods.includes(name);
}
