/** A number with its units. */
export const size = { value: 0, units: "Bytes" };
/** Rights. */
export const right = { userRole: "UserRole", publicFolderRight: false, archiveFolderRight: false };
/** A reference. */
export const named = { id: "", name: "" };
/** An action after days. */
export const afterDays = { isEnabled: false, days: 30 };
/** A limit of size. */
export const limit = { isActive: false, limit: { value: 0, units: "MegaBytes" } };
/** A length of time. */
export const span = { days: 0, hours: 0, minutes: 0 };

/** How many users are allowed. */
export const userLimit = { isUnlimited: false, allowedUsers: 0, limit: 0, limitType: "" };

/** A User. */
export const user = {
  id: "",
  domainId: "",
  companyContactId: "",
  loginName: "",
  fullName: "",
  description: "",
  isEnabled: true,
  itemSource: "",
  authType: "",
  isPasswordReversible: true,
  allowPasswordChange: true,
  role: right,
  groupRole: right,
  effectiveRole: right,
  isWritableByMe: true,
  emailAddresses: [],
  emailForwarding: { mode: "", emailAddresses: [] },
  userGroups: [{ id: "", name: "", description: "", itemSource: "" }],
  itemLimit: { isActive: false, limit: 0 },
  diskSizeLimit: limit,
  consumedItems: 0,
  consumedSize: size,
  hasDomainRestriction: false,
  outMessageLimit: limit,
  lastLoginInfo: { dateTime: 0, protocol: "" },
  publishInGal: true,
  cleanOutItems: {
    isUsedDomain: true,
    deletedItems: afterDays,
    junkEmail: afterDays,
    sentItems: afterDays,
    autoDelete: afterDays,
  },
  accessPolicy: named,
  homeServer: named,
  migration: { enabled: false, id: "", name: "" },
};

const texts = (names: string) => Object.fromEntries(names.split(" ").map((name) => [name, ""]));

/** A PersonalContact. */
export const contact = {
  ...texts("commonName firstName middleName surName titleBefore titleAfter nickName phoneNumberWorkVoice"),
  ...texts("phoneNumberMobile urlWork birthDay anniversary companyName departmentName profession managerName"),
  ...texts("assistantName comment IMAddress"),
  postalAddressWork: {
    preferred: false,
    ...texts("pobox extendedAddress street locality state zip country label type extension"),
  },
  photo: { id: "", url: "" },
  isReadOnly: false,
  emailAddresses: [],
};

/** A Domain. */
export const domain = {
  ...texts("id name description kerberosRealm winNtName pamRealm remoteArchiveAddress"),
  isPrimary: true,
  userMaxCount: 0,
  passwordExpirationEnabled: false,
  passwordExpirationDays: 0,
  passwordHistoryCount: 0,
  passwordComplexityEnabled: false,
  passwordMinimumLength: 0,
  outgoingMessageLimit: limit,
  deletedItems: afterDays,
  junkEmail: afterDays,
  sentItems: afterDays,
  autoDelete: afterDays,
  keepForRecovery: afterDays,
  aliasList: [],
  forwardingOptions: { isEnabled: false, host: "", port: 0, how: "", preventLoop: false },
  service: {
    isEnabled: false,
    ...texts("serviceType customMapFile hostname backupHostname directoryName ldapSuffix"),
    authentication: {},
  },
  domainFooter: { isUsed: false, text: "", isHtml: false, isUsedInDomain: false },
  ipAddressBind: { enabled: false, value: "" },
  checkSpoofedSender: false,
  renameInfo: { isRenamed: false, oldName: "", newName: "" },
  domainQuota: {
    diskSizeLimit: limit,
    consumedSize: size,
    notification: {},
    warningLimit: 0,
    email: "",
    blocks: false,
  },
  isDistributed: false,
  isDkimEnabled: false,
  isLdapManagementAllowed: false,
  isInstantMessagingEnabled: true,
  logo: { isUsed: false, url: "" },
  customClientLogo: {},
  useRemoteArchiveAddress: false,
  archiveLocalMessages: false,
  archiveIncomingMessages: false,
  archiveOutgoingMessages: false,
  archiveBeforeFilter: false,
};

/** A mailing list. */
export const list = {
  ...texts("id domainId name description languageId welcomeString footerString replyTo otherAddress subjectPrefix"),
  subscription: { type: "", moderatorReview: false, moderatorNotification: false },
  posting: {
    memberPosting: "",
    nonMemberPosting: "",
    moderatorPosting: "",
    userPostingNotification: false,
    sendErrorsToModerator: false,
  },
  hideSenderAddress: false,
  allowEmptySubject: true,
  archive: { keepArchive: false, archiveOnlyForLogged: false, archiveReaderList: [] },
  membersCount: 0,
  homeServer: named,
};

/** A group. */
export const group = {
  ...texts("id domainId name role description itemSource"),
  emailAddresses: [],
  hasDomainRestriction: false,
  publishInGal: true,
};

/** A Principal. */
export const principal = {
  ...texts("type id name domainName fullName description itemSource"),
  isEnabled: true,
  homeServer: named,
};

/** A resource. */
export const resource = {
  ...texts("id domainId name address description type"),
  isEnabled: true,
  resourceUsers: [principal],
  manager: principal,
  homeServer: named,
};

/** A service. */
export const service = {
  id: "",
  name: "",
  howToStart: "",
  listeners: [{ type: "", address: "", port: 0 }],
  group: { isUsed: false, ipGroup: named },
  connectionLimit: { isSet: true, value: 0 },
  defaultPort: 0,
  isRunning: true,
  anonymousAccess: false,
};
