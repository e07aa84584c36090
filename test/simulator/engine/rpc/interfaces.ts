import { accessPolicy } from "./access-policy.js";
import { advancedOptions } from "./advanced-options.js";
import { aliases } from "./aliases.js";
import { backup } from "./backup.js";
import { batch } from "./batch.js";
import { companyContacts } from "./company-contacts.js";
import { domains } from "./domains.js";
import { externalServices } from "./external-services.js";
import { groups } from "./groups.js";
import { init } from "./init.js";
import { logs } from "./logs.js";
import { mailingListsCsv } from "./mailing-lists-csv.js";
import { mailingLists } from "./mailing-lists.js";
import type { Handler, Interface } from "./method.js";
import { mobileDevices } from "./mobile-devices.js";
import { queue } from "./queue.js";
import { resources } from "./resources.js";
import { securityPolicy } from "./security-policy.js";
import { serverControl } from "./server-control.js";
import { server } from "./server.js";
import { services } from "./services.js";
import { session } from "./session.js";
import { distributedDomain, downloads, productRegistration, systemHealth, uploads } from "./settings.js";
import { statistics } from "./statistics.js";
import { userTemplates } from "./user-templates.js";
import { usersCare } from "./users-care.js";
import { usersCsv } from "./users-csv.js";
import { users } from "./users.js";
import { version } from "./version.js";

/** Every interface that is answered, by the API's name. */
export const interfaces: Readonly<Record<string, Interface>> = {
  AccessPolicy: accessPolicy,
  AdvancedOptions: advancedOptions,
  Aliases: aliases,
  Backup: backup,
  Batch: batch,
  CompanyContacts: companyContacts,
  DistributedDomain: distributedDomain,
  Domains: domains,
  Downloads: downloads,
  Groups: groups,
  Init: init,
  Logs: logs,
  MailingLists: { ...mailingLists, ...mailingListsCsv },
  ProductRegistration: productRegistration,
  Queue: queue,
  Resources: resources,
  SecurityPolicy: securityPolicy,
  Server: { ...server, ...serverControl },
  Services: services,
  Session: session,
  Statistics: statistics,
  SystemHealth: systemHealth,
  Uploads: uploads,
  UserTemplates: userTemplates,
  Users: { ...users, ...usersCare, ...usersCsv, ...mobileDevices, ...externalServices },
  Version: version,
};

/** The handler of `Interface.method`, or undefined. */
export function handlerOf(name: string): Handler | undefined {
  const [interfaceName = "", methodName = "", ...rest] = name.split(".");
  const found = Object.hasOwn(interfaces, interfaceName) ? interfaces[interfaceName] : undefined;
  return rest.length === 0 && found && Object.hasOwn(found, methodName) ? found[methodName] : undefined;
}
