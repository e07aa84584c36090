import { newDomain, newGroup, newList, newResource, newUser, plainPrincipal } from "../defaults.js";
import { aliasRow } from "./aliases.js";
import { companyColumns } from "./company-contacts.js";
import { domainRow } from "./domain-row.js";
import { groupRow } from "./groups.js";
import { listRow } from "./mailing-lists.js";
import type { Call } from "./method.js";
import { resourceRow } from "./resources.js";
import { userRow } from "./user-row.js";
import { templateColumns } from "./user-templates.js";

/** A row like those that a list method answers, whether there is one or not. */
type SampleRow = (call: Call) => object;

const noAlias = { id: "", domainId: "", name: "", deliverTo: "", deliverToId: "", type: "", description: "" };

const named = (names: string | readonly string[]): SampleRow => {
  const row = Object.fromEntries((typeof names === "string" ? names.split(" ") : names).map((name) => [name, ""]));
  return () => row;
};

const samples: Readonly<Record<string, SampleRow>> = {
  "Aliases.get": ({ engine }) => aliasRow(engine, noAlias),
  "Aliases.getTargetList": named("id type name fullName description isEnabled itemSource emailAddress homeServer"),
  "Backup.getScheduleList": named("isEnabled type day hour min description"),
  "CompanyContacts.get": named(companyColumns),
  "Domains.get": ({ engine }) => domainRow(engine, newDomain("", false)),
  "Groups.get": ({ engine }) => groupRow(engine, newGroup("", "")),
  "MailingLists.get": ({ engine }) => listRow(engine, newList("", "")),
  "MailingLists.getMlUserList": named("hasId userId emailAddress fullName kind"),
  "MailingLists.getTrusteeTargetList": named("kind id name fullName"),
  "Queue.get": named("id creationTime nextTry messageSize from to status authSender senderIp"),
  "Queue.getProcessed": named("id creationTime nextTry messageSize from to status authSender senderIp"),
  "Resources.get": ({ engine }) => resourceRow(engine, newResource("", "")),
  "Resources.getPrincipalList": named([...Object.keys(plainPrincipal("")), "homeServer"]),
  "Server.getConnections": named("proto extension isSecure time from user description"),
  "Server.getOpenedFoldersInfo": named("folderName referenceCount indexLoaded users"),
  "Server.getWebSessions": named("id userName clientAddress expirationTime componentType isSecure"),
  "UserTemplates.get": named(templateColumns),
  "Users.get": (call) => userRow(call, newUser("", "", ""), [], { sizes: false, password: true }),
  "Users.getMobileDeviceList": named(
    "deviceId os platform protocolVersion registrationDate lastSynchronizationDate folderList status remoteHost",
  ),
  "Users.getStatistics": named("name ownBox lastLogin"),
};

/** The list methods whose columns are known. */
export const listMethods: readonly string[] = Object.keys(samples);

/** The members of the rows of a list method, without a call of it; undefined for every other method. */
export function columnsOf(call: Call, method: string): string[] | undefined {
  const sample = Object.hasOwn(samples, method) ? samples[method] : undefined;
  return sample && Object.keys(sample(call));
}
