import { productInfo } from "./server";
import { shape, type RecordedShape } from "./shape";

/** Init, in the order of a set-up. `path` is a directory that is there. */
export function setUpShapes(path: string): RecordedShape[] {
  return [
    shape("Init.getProductInfo", {}, { info: productInfo }),
    shape("Init.getEula", {}, {}),
    shape("Init.getNamedConstantList", {}, { constants: [{ name: "", value: "" }] }),
    shape("Init.getBrowserLanguages", {}, { languages: [""] }),
    shape("Init.getHostname", {}, { hostname: "" }),
    shape("Init.setHostname", { hostname: "mail.example.com" }, {}),
    shape("Init.checkHostname", { hostname: "mail.example.com" }, {}),
    shape("Init.checkMxRecord", { domainName: "example.com" }, {}),
    shape("Init.createPrimaryDomain", { domainName: "example.com" }, {}),
    shape("Init.createAdministratorAccount", { loginName: "admin", password: "Xk7-pretty-long" }, {}),
    shape("Init.getMessageStorePath", {}, { path: "", freeSpace: 0 }),
    shape("Init.checkMessageStorePath", { path }, {}),
    shape("Init.setMessageStorePath", { path }, {}),
    shape("Init.getDirs", { fullPath: "/" }, { dirList: [{ name: "", hasSubdirectory: true }] }),
    shape("Init.setClientStatistics", { isEnabled: false }, {}),
    shape("Init.finish", {}, {}),
  ];
}
