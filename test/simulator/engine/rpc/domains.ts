import { z } from "zod";
import { newDomain } from "../defaults.js";
import { domainUsage, isLimited } from "../domain-quota.js";
import { generatedPassword } from "../generated-password.js";
import { search, searchQuery } from "../search-query.js";
import { createEach, forEachRow, removeEachRow } from "./bulk.js";
import { startRename } from "./domain-rename.js";
import { changeDomain, checkDomainName, domainPattern, domainRow } from "./domain-row.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";
import { userLimit } from "./user-limit.js";

const byName = z.object({ hostnames: z.array(z.string()) });

const keptOfDomains =
  "limits of outgoing messages, times of clean-up and of passwords, footer, archiving, binding to an address and the check of senders are kept and shown, without effect";

/** The interface Domains. */
export const domains: Interface = {
  get: partly(
    "what is used of a quota is worked out for a domain that has one, or when asked by name; two-factor settings are unknown by name",
    method(z.object({ query: searchQuery }), ({ query }, { engine }) =>
      search(
        engine.state.domains.map((domain) => {
          const counted = isLimited(domain) || query.fields?.includes("domainQuota");
          return domainRow(engine, domain, counted ? domainUsage(engine, domain) : 0);
        }),
        query,
        { quick: ["name", "description"], switches: engine.switches },
      ),
    ),
  ),

  create: partly(
    keptOfDomains,
    method(
      z.object({ domains: z.array(z.intersection(domainPattern, z.object({ name: z.string() }))) }),
      ({ domains: items }, { engine }) =>
        createEach(engine, items, (item) => {
          checkDomainName(engine, item.name);
          const domain = newDomain(item.name, engine.state.domains.length === 0);
          changeDomain(engine, domain, item);
          engine.state.domains.push(domain);
          return domain.id;
        }),
    ),
  ),

  set: partly(
    keptOfDomains,
    method(z.object({ domainIds: z.array(id), pattern: domainPattern }), ({ domainIds, pattern }, { engine }) =>
      forEachRow(engine, engine.state.domains, domainIds, (domain) => {
        if (pattern.name && pattern.name.toLowerCase() !== domain.name) {
          throw RpcError.failed("Domain %1 cannot be renamed this way.", domain.name);
        }
        changeDomain(engine, domain, pattern);
      }),
    ),
  ),

  remove: method(z.object({ domainIds: z.array(id) }), ({ domainIds }, { engine }) =>
    removeEachRow(engine, engine.state.domains, domainIds, (domain) => {
      const { state } = engine;
      const used = [state.users, state.groups, state.lists, state.resources].some((rows) =>
        rows.some((row) => row.domainId === domain.id),
      );
      if (used || domain.isPrimary) throw RpcError.failed("Domain %1 cannot be removed.", domain.name);
      state.aliases = state.aliases.filter((alias) => alias.domainId !== domain.id);
      state.domains.splice(state.domains.indexOf(domain), 1);
    }),
  ),

  rename: method(z.object({ domainId: id, newName: z.string() }), ({ domainId, newName }, { engine }) => {
    const domain = engine.domain(domainId);
    if (!domain) throw RpcError.missing(domainId);
    startRename(engine, domain, newName);
    const noMessage = { message: "", positionalParameters: [], plurality: 1 };
    return { error: { type: "clSuccess", errorMessage: noMessage, conflictList: [] } };
  }),

  getSettings: method(nothing, (_, { engine }) => ({
    setting: {
      hostname: engine.state.settings.hostname,
      publicFoldersPerDomain: engine.state.settings.publicFoldersPerDomain,
      serverId: engine.state.settings.serverId,
    },
  })),

  setSettings: method(
    z.object({
      setting: z.object({ hostname: z.string().min(1).optional(), publicFoldersPerDomain: z.boolean().optional() }),
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
        allowedUsers: ownLimit ? userLimit(domain.userMaxCount, "DomainLimit") : userLimit(seats, "LicenseLimit"),
      },
    };
  }),

  generatePassword: method(z.object({ domainId: id }), ({ domainId }, { engine }) => {
    const domain = engine.domain(domainId);
    if (!domain) throw RpcError.missing(domainId);
    return { password: generatedPassword(domain) };
  }),

  getDkimDnsRecord: partly(
    "nothing is signed: the record is empty",
    method(z.object({ domain: z.string() }), () => ({ detail: "" })),
  ),
  testDkimDnsStatus: partly(
    "nothing is signed: no record is asked for, every name fails",
    method(byName, ({ hostnames }, { engine }) => ({
      errors: hostnames.map((name, index) =>
        RpcError.failed("No record of %1 was found.", name).asItemError(index, engine.switches),
      ),
    })),
  ),
  testDomainController: partly(
    "no directory service can be reached: every name fails",
    method(byName.extend({ domainId: z.string() }), ({ hostnames }, { engine }) => ({
      errors: hostnames.map((name, index) =>
        RpcError.failed("Unable to connect to %1.", name).asItemError(index, engine.switches),
      ),
    })),
  ),
  checkPublicFoldersIntegrity: partly(
    "done at every start; the call itself does nothing",
    method(nothing, () => ({})),
  ),
  saveFooterImage: partly(
    "checked; the image is shown nowhere",
    method(z.object({ fileId: z.string() }), ({ fileId }, { engine }) => ({
      imgUrl: engine.downloads.add("footer", uploaded(engine.uploads, fileId)).url,
    })),
  ),
  saveWebMailLogo: partly(
    "checked; the logo is shown nowhere",
    method(z.object({ fileId: z.string(), domainId: id }), ({ fileId, domainId }, { engine }) => {
      if (!engine.domain(domainId)) throw RpcError.missing(domainId);
      return { logoUrl: engine.downloads.add("logo", uploaded(engine.uploads, fileId)).url };
    }),
  ),
  getDomainFooterPlaceholders: partly(
    "the list of the real server is not known: it is empty",
    method(nothing, () => ({ placeholders: [] })),
  ),
};

function uploaded(files: ReadonlyMap<string, Buffer>, fileId: string): Buffer {
  const file = files.get(fileId);
  if (!file) throw RpcError.missing(fileId);
  return file;
}
