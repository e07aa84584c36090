import type { Switches } from "../switches.js";

const everybody = ["Session", "Batch", "Version"];
const accountInterfaces = ["Users", "Groups", "Aliases", "MailingLists", "Uploads", "Downloads"];
const reading = /^(get|check|find|path|who|export|search)/;
// Named as if they only looked, but they mend, or ask a service outside.
const writing = ["Users.checkMailboxIntegrity", "Domains.checkPublicFoldersIntegrity", "AdvancedOptions.checkUpdates"];

/** Whether a method answers without a session. */
export function needsNoLogin(method: string, switches: Switches): boolean {
  if (method.startsWith("Version.")) return switches.of("version-without-login") === "yes";
  return method === "Session.login" || method.startsWith("Init.");
}

/** Whether a method changes nothing. */
export function onlyReads(method: string): boolean {
  return reading.test(method.split(".")[1] ?? "") && !writing.includes(method);
}

/**
 * Which method which role may call is documented only in words: a full administrator everything, an auditor reads,
 * an account administrator has users, groups, aliases and lists, resources by the switch account-admin-resources, and
 * reads what is not the server's own.
 */
export function mayCall(role: string, method: string, switches: Switches): boolean {
  const [interfaceName = ""] = method.split(".");
  if (role === "FullAdmin" || role === "BuiltInAdmin" || everybody.includes(interfaceName)) return true;
  if (role === "Auditor") return onlyReads(method);
  if (role !== "AccountAdmin") return false;
  if (interfaceName === "Resources" && switches.of("account-admin-resources") === "yes") return true;
  if (accountInterfaces.includes(interfaceName) || method === "Domains.generatePassword") return true;
  return onlyReads(method) && !/^(AdvancedOptions|Backup|Services|SecurityPolicy|Queue|Logs)\./.test(method);
}
