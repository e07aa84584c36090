import { z } from "zod";
import { newDomain, randomPassword } from "../defaults.js";
import type { Engine } from "../engine.js";
import { search, searchQuery } from "../search-query.js";
import type { Domain } from "../state.js";
import { createEach, forEachRow } from "./bulk.js";
import { method, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";

const domainPattern = z.looseObject({
  name: z.string().optional(),
  description: z.string().optional(),
  isPrimary: z.boolean().optional(),
  userMaxCount: z.number().int().min(0).optional(),
  passwordHistoryCount: z.number().int().min(0).optional(),
  passwordComplexityEnabled: z.boolean().optional(),
  passwordMinimumLength: z.number().int().min(0).optional(),
  aliasList: z.array(z.string()).optional(),
});

type DomainPattern = z.infer<typeof domainPattern>;

/** The interface Domains. */
export const domains: Interface = {
  get: method(z.object({ query: searchQuery }), ({ query }, { engine }) =>
    search(
      engine.state.domains.map((domain) => domainRow(engine, domain)),
      query,
      {
        quick: ["name", "description"],
        switches: engine.switches,
      },
    ),
  ),

  create: method(
    z.object({ domains: z.array(domainPattern.extend({ name: z.string() })) }),
    ({ domains: items }, call) =>
      createEach(items, (item) => {
        const { state } = call.engine;
        if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(item.name)) {
          throw RpcError.failed("Domain name %1 is not valid.", item.name);
        }
        if (call.engine.domainNamed(item.name)) throw RpcError.exists(item.name);
        const domain = newDomain(item.name, state.domains.length === 0);
        apply(state.domains, domain, { ...item, name: undefined });
        state.domains.push(domain);
        return domain.id;
      }),
  ),

  set: method(z.object({ domainIds: z.array(id), pattern: domainPattern }), ({ domainIds, pattern }, { engine }) =>
    forEachRow(engine, engine.state.domains, domainIds, (domain) => {
      if (pattern.name !== undefined && pattern.name.toLowerCase() !== domain.name) {
        throw RpcError.failed("Domain %1 cannot be renamed this way.", domain.name);
      }
      apply(engine.state.domains, domain, { ...pattern, name: undefined });
    }),
  ),

  remove: method(z.object({ domainIds: z.array(id) }), ({ domainIds }, { engine }) =>
    forEachRow(engine, engine.state.domains, domainIds, (domain) => {
      const { state } = engine;
      const used = [state.users, state.groups, state.lists, state.resources].some((rows) =>
        rows.some((row) => row.domainId === domain.id),
      );
      if (used || domain.isPrimary) throw RpcError.failed("Domain %1 cannot be removed.", domain.name);
      state.aliases = state.aliases.filter((alias) => alias.domainId !== domain.id);
      state.domains.splice(state.domains.indexOf(domain), 1);
    }),
  ),

  getSettings: method(nothing, (_, { engine }) => ({
    setting: {
      hostname: engine.state.settings.hostname,
      publicFoldersPerDomain: engine.state.settings.publicFoldersPerDomain,
      serverId: engine.state.settings.serverId,
    },
  })),

  setSettings: method(
    z.object({
      setting: z.object({ hostname: z.string().optional(), publicFoldersPerDomain: z.boolean().optional() }),
    }),
    ({ setting }, { engine }) => {
      const given = Object.fromEntries(Object.entries(setting).filter(([, value]) => value !== undefined));
      Object.assign(engine.state.settings, given);
      return {};
    },
  ),

  getUserCountInfo: method(z.object({ domainId: id }), ({ domainId }, { engine }) => {
    const domain = engine.domain(domainId);
    if (!domain) throw RpcError.missing(domainId);
    const seats = engine.environment.licenceSeats;
    const ownLimit = domain.userMaxCount > 0 && domain.userMaxCount < seats;
    return {
      countInfo: {
        currentUsers: ownLimit ? engine.seatsTaken(domainId) : engine.seatsTaken(),
        allowedUsers: {
          isUnlimited: false,
          allowedUsers: ownLimit ? domain.userMaxCount : seats,
          limit: ownLimit ? domain.userMaxCount : seats,
          limitType: ownLimit ? "DomainLimit" : "LicenseLimit",
        },
      },
    };
  }),

  generatePassword: method(z.object({ domainId: id }), ({ domainId }, { engine }) => {
    if (!engine.domain(domainId)) throw RpcError.missing(domainId);
    return { password: randomPassword() };
  }),

  getDkimDnsRecord: method(z.object({ domain: z.string() }), () => ({ detail: "" })),
  checkPublicFoldersIntegrity: method(nothing, () => ({})),
};

/** A domain as `Domains.get` shows it: what this engine acts on, what it only keeps, and the rest empty. */
function domainRow(engine: Engine, domain: Domain) {
  const { settings, ...known } = domain;
  const off = { isEnabled: false, days: 30 };
  const noLimit = { isActive: false, limit: { value: 0, units: "MegaBytes" } };
  return structuredClone({
    passwordExpirationEnabled: false,
    passwordExpirationDays: 0,
    outgoingMessageLimit: noLimit,
    deletedItems: off,
    junkEmail: off,
    sentItems: off,
    autoDelete: off,
    keepForRecovery: off,
    forwardingOptions: { isEnabled: false, host: "", port: 25, how: "Online", preventLoop: false },
    service: { isEnabled: false },
    domainFooter: { isUsed: false, text: "", isHtml: false, isUsedInDomain: false },
    checkSpoofedSender: false,
    renameInfo: { isRenamed: false, oldName: "", newName: "" },
    domainQuota: { diskSizeLimit: noLimit, consumedSize: { value: 0, units: "Bytes" } },
    isDkimEnabled: false,
    isInstantMessagingEnabled: true,
    ...settings,
    ...known,
    displayName: known.name,
    isDistributed: false,
    isLdapManagementAllowed: false,
    homeServer: engine.homeServer,
  });
}

const actedOn = [
  "description",
  "userMaxCount",
  "passwordHistoryCount",
  "passwordComplexityEnabled",
  "passwordMinimumLength",
  "aliasList",
];

function apply(all: Domain[], domain: Domain, pattern: DomainPattern): void {
  for (const [member, value] of Object.entries(pattern)) {
    if (value === undefined || member === "id" || member === "name") continue;
    if (member === "isPrimary") {
      if (value !== true) continue;
      for (const each of all) each.isPrimary = false;
      domain.isPrimary = true;
    } else if (actedOn.includes(member)) Object.assign(domain, { [member]: value });
    else domain.settings[member] = value;
  }
}
