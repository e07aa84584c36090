import { z } from "zod";
import type { Engine } from "../engine.js";
import type { Domain } from "../state.js";
import { inUnits } from "../units.js";
import { without } from "../without.js";
import { changed, patternOf, type Members } from "./pattern.js";
import { RpcError } from "./rpc-error.js";
import { byteUnits } from "./schemas.js";

const off = { isEnabled: false, days: 30 };
const noLimit = { isActive: false, limit: { value: 0, units: "MegaBytes" } };

/** The members of a Domain that the engine only keeps, as a fresh installation has them. */
const kept = {
  passwordExpirationEnabled: false,
  passwordExpirationDays: 180,
  outgoingMessageLimit: noLimit,
  deletedItems: off,
  junkEmail: off,
  sentItems: off,
  autoDelete: { isEnabled: false, days: 1095 },
  keepForRecovery: off,
  forwardingOptions: { isEnabled: false, host: "", port: 25, how: "Online", preventLoop: false },
  service: {
    isEnabled: false,
    serviceType: "",
    customMapFile: "",
    authentication: { username: "", password: "", isSecure: false },
    hostname: "",
    backupHostname: "",
    directoryName: "",
    ldapSuffix: "",
  },
  domainFooter: { isUsed: false, text: "", isHtml: false, isUsedInDomain: false },
  kerberosRealm: "",
  winNtName: "",
  pamRealm: "",
  ipAddressBind: { enabled: false, value: "" },
  logo: { isUsed: false, url: "" },
  customClientLogo: { isUsed: false, url: "" },
  checkSpoofedSender: false,
  domainQuota: {
    diskSizeLimit: noLimit,
    notification: { type: "Never", period: 1 },
    warningLimit: 90,
    email: "",
    blocks: false,
  },
  isDkimEnabled: false,
  isInstantMessagingEnabled: true,
  useRemoteArchiveAddress: false,
  remoteArchiveAddress: "",
  archiveLocalMessages: false,
  archiveIncomingMessages: false,
  archiveOutgoingMessages: false,
  archiveBeforeFilter: false,
};

/** The members of a Domain to change: all may be missing, outputs and unknown ones are dropped. */
export const domainPattern = z.intersection(
  patternOf(kept, { how: ["Online", "OfflineScheduler", "OfflineEtrn"], units: byteUnits }),
  z.object({
    name: z.string().optional(),
    description: z.string().optional(),
    isPrimary: z.boolean().optional(),
    userMaxCount: z.number().int().min(0).optional(),
    passwordHistoryCount: z.number().int().min(0).optional(),
    passwordComplexityEnabled: z.boolean().optional(),
    passwordMinimumLength: z.number().int().min(0).optional(),
    aliasList: z.array(z.string()).optional(),
  }),
);

/** What such a change holds. */
export type DomainPattern = z.infer<typeof domainPattern>;

const domainName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** A renaming as `renameInfo` shows it. */
export interface RenameInfo {
  isRenamed: boolean;
  oldName: string;
  newName: string;
}

/** The renaming of a domain that has not taken effect yet. */
export function renamingOf(domain: Domain): RenameInfo | undefined {
  const info = domain.settings["renameInfo"] as RenameInfo | undefined;
  return info?.isRenamed ? info : undefined;
}

/**
 * Refuses a name that no domain can have: letters, digits, hyphens and single dots. Taken are also the names that
 * domains other than `renamed` are going to have.
 */
export function checkDomainName(engine: Engine, name: string, renamed?: Domain): void {
  if (!domainName.test(name) || name.length > 253) throw RpcError.failed("Domain name %1 is not valid.", name);
  const others = engine.state.domains.filter((each) => each !== renamed);
  const isPromised = others.some((each) => renamingOf(each)?.newName === name.toLowerCase());
  if (engine.domainNamed(name) || isPromised) throw RpcError.exists(name);
}

/** Changes everything but the name, after it has checked it all. */
export function changeDomain(engine: Engine, domain: Domain, pattern: DomainPattern): void {
  const { isPrimary, aliasList } = pattern;
  const rest = without(pattern, "name", "isPrimary", "aliasList");
  const names = aliasList?.map((each) => each.toLowerCase());
  for (const each of names ?? []) if (!domain.aliasList.includes(each)) checkDomainName(engine, each);
  if (isPrimary) {
    for (const each of engine.state.domains) each.isPrimary = false;
    domain.isPrimary = true;
  }
  if (names) domain.aliasList = [...new Set(names)];
  for (const [member, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    if (member in kept) domain.settings = changed(domain.settings, { [member]: filled(domain, member, value) });
    else Object.assign(domain, { [member]: value });
  }
}

// A structure that is changed in part keeps the defaults of the rest.
function filled(domain: Domain, member: string, value: unknown): unknown {
  const now = (domain.settings[member] ?? (kept as Members)[member]) as unknown;
  return changed({ [member]: now }, { [member]: value })[member];
}

/** A domain as `Domains.get` shows it; `used` are the bytes in its mailboxes. The password of its directory service never is. */
export function domainRow(engine: Engine, domain: Domain, used = 0) {
  const { settings, ...known } = domain;
  const row = changed(kept as Members, settings) as typeof kept;
  const { authentication } = row.service;
  return structuredClone({
    ...row,
    renameInfo: { isRenamed: false, oldName: "", newName: "", ...renamingOf(domain) },
    domainQuota: { ...row.domainQuota, consumedSize: inUnits(used) },
    service: { ...row.service, authentication: { ...authentication, password: "" } },
    ...known,
    isDistributed: false,
    isLdapManagementAllowed: false,
  });
}
