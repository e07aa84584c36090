import { named, size, span } from "./rows";
import { all, anyList, shape, type RecordedShape } from "./shape";

/** The interfaces that set up the whole server, watch it, and look after what waits. */
export function settingsShapes(): RecordedShape[] {
  return [
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
      "AdvancedOptions.getFulltextStatus",
      {},
      { info: { status: "", usersLeft: 0, messagesLeft: 0, size, freeSpace: size } },
    ),
    shape("AdvancedOptions.startRebuildFulltext", { parameters: { scope: "IndexAll", id: "" } }, {}),
    shape("AdvancedOptions.checkUpdates", {}, {}),
    shape(
      "Backup.get",
      {},
      {
        options: {
          paths: {},
          isEnabled: true,
          status: { backupInProgress: false },
          splitSizeLimit: size,
          rotationLimit: 0,
          networkDiskUserName: "",
          notificationEmailAddress: "",
        },
      },
    ),
    shape("Backup.set", { options: { rotationLimit: 1 } }, {}),
    shape("Backup.start", { backupType: "backupTypeFull" }, {}),
    shape("Backup.getScheduleList", { query: all }, { scheduleList: [{ type: "" }] }),
    shape("Backup.setScheduleList", { scheduleList: [] }, {}),
    shape(
      "SecurityPolicy.get",
      {},
      { options: { misc: { enableLockout: true, failedLoginsToLock: 0, minutesToUnlock: 0, antiHammering: {} } } },
    ),
    shape("SecurityPolicy.unlockAllAccounts", {}, {}),
    shape("Queue.getProcessed", { query: all }, anyList),
    shape("Queue.run", {}, {}),
    shape("DistributedDomain.getRole", {}, { role: "clStandalone" }),
    shape("DistributedDomain.getHomeServerList", {}, { servers: [named] }),
    shape("Batch.run", { commandList: [{ method: "Version.getApiVersion", params: {} }] }, [{ result: {} }]),
  ];
}
