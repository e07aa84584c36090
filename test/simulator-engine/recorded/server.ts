import { service, userLimit } from "./rows";
import { all, done, download, shape, type Known, type RecordedShape } from "./shape";

/** Services and Server. */
export function serverShapes({ domainId, serviceId }: Known): RecordedShape[] {
  const listeners = [{ type: "AllAddresses", address: "All addresses", port: 5222 }];
  return [
    shape("Services.get", {}, { services: [service] }),
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
    shape("Services.set", { services: [{ ...service, id: serviceId, howToStart: "Automatic", listeners }] }, done),
    shape("Services.stop", { service: serviceId }, {}),
    shape("Services.restart", { service: serviceId }, {}),
    shape("Services.getIPv6", {}, { isEnabled: true }),
    shape("Services.setIPv6", { isEnabled: false }, {}),
    shape("Services.stopMacOSServices", {}, {}),
    shape("Server.getProductInfo", {}, { info: productInfo }),
    shape(
      "Server.getAboutInfo",
      {},
      {
        aboutInformation: {
          currentUsers: 0,
          allowedUsers: userLimit,
          serverSoftware: "",
          subscription: "",
          copyright: "",
          productHomepage: "",
        },
      },
    ),
    shape("Server.getAlertList", {}, { alerts: [] }),
    shape("Server.createPath", { path: "/", credentials: { userName: "", password: "" } }, { result: "" }),
    shape(
      "Server.getConnections",
      { query: all },
      {
        list: [{ proto: "", extension: "", isSecure: true, time: "", from: "", user: "", description: "" }],
        totalItems: 0,
      },
    ),
    shape("Server.getOpenedFoldersInfo", { query: all }, { list: [], totalItems: 0 }),
    shape("Server.killWebSessions", { ids: [] }, {}),
    shape(
      "Server.getRemoteAdministration",
      {},
      {
        setting: {
          isEnabled: true,
          isLimited: false,
          groupId: "",
          groupName: "",
          builtInAdminEnabled: true,
          builtInAdminUsername: "",
          builtInAdminPassword: "",
          builtInAdminPasswordIsEmpty: false,
          builtInAdminUsernameCollide: false,
        },
      },
    ),
    shape("Server.setRemoteAdministration", { setting: { builtInAdminEnabled: true } }, {}),
    shape("Server.validateRemoteAdministration", { setting: { isEnabled: true } }, {}),
    shape("Server.getLicenseExtensionsList", {}, { extensions: [] }),
    shape("Server.getServerIpAddresses", {}, { addresses: [""] }),
    shape("Server.getServerHash", {}, { serverHash: "" }),
    shape("Server.getClientStatistics", {}, { isEnabled: true }),
    shape("Server.setClientStatistics", { isEnabled: false }, {}),
    shape("Server.getNamedConstantList", {}, { constants: [{ name: "", value: "" }] }),
    shape("Server.getBrowserLanguages", {}, { languages: [""] }),
    shape("Server.getColumnList", { objectName: "Users", methodName: "get" }, { columns: [""] }),
    shape("Server.generateSupportInfo", {}, download),
    shape("Server.sendBugReport", {}, {}),
    shape("Server.restart", {}, {}),
    shape("Server.reboot", {}, {}),
  ];
}

/** What the product says about itself. */
export const productInfo = {
  productName: "",
  version: "",
  buildNumber: "",
  osName: "",
  os: "Linux",
  releaseType: "",
  deployedType: "DeployedStandalone",
  updateInfo: {},
};
