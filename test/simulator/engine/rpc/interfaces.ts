import { advancedOptions } from "./advanced-options.js";
import { aliases } from "./aliases.js";
import { backup } from "./backup.js";
import { batch } from "./batch.js";
import { domains } from "./domains.js";
import { groups } from "./groups.js";
import { init } from "./init.js";
import { mailingLists } from "./mailing-lists.js";
import type { Handler, Interface } from "./method.js";
import { resources } from "./resources.js";
import { securityPolicy } from "./security-policy.js";
import { server } from "./server.js";
import { services } from "./services.js";
import { session } from "./session.js";
import { accessPolicy, distributedDomain, productRegistration, statistics, userTemplates } from "./settings.js";
import { users } from "./users.js";
import { version } from "./version.js";

/** Every interface that is answered, by the API's name. */
export const interfaces: Readonly<Record<string, Interface>> = {
  AccessPolicy: accessPolicy,
  AdvancedOptions: advancedOptions,
  Aliases: aliases,
  Backup: backup,
  Batch: batch,
  DistributedDomain: distributedDomain,
  Domains: domains,
  Groups: groups,
  Init: init,
  MailingLists: mailingLists,
  ProductRegistration: productRegistration,
  Resources: resources,
  SecurityPolicy: securityPolicy,
  Server: server,
  Services: services,
  Session: session,
  Statistics: statistics,
  UserTemplates: userTemplates,
  Users: users,
  Version: version,
};

/** The handler of `Interface.method`, or undefined. */
export function handlerOf(name: string): Handler | undefined {
  const [interfaceName = "", methodName = "", ...rest] = name.split(".");
  const found = Object.hasOwn(interfaces, interfaceName) ? interfaces[interfaceName] : undefined;
  return rest.length === 0 && found && Object.hasOwn(found, methodName) ? found[methodName] : undefined;
}
