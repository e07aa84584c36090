import { z } from "zod";
import type { Engine } from "../engine.js";
import { newId } from "../ids.js";
import { search, searchQuery } from "../search-query.js";
import type { CompanyContact } from "../state.js";
import { createEach, forEachRow, removeEachRow } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";
import { changed, patternOf } from "./pattern.js";

const gap = "the names of most members are not known; those of a personal contact's company are taken";

const template = {
  phone: "",
  fax: "",
  website: "",
  address: { street: "", locality: "", state: "", zip: "", country: "" },
};
/** The members of a company. */
export const companyColumns = ["id", "domainId", "name", ...Object.keys(template)];

const pattern = z.intersection(
  patternOf(template),
  z.object({ domainId: z.string().optional(), name: z.string().optional() }),
);
type Pattern = z.infer<typeof pattern>;

/** The interface CompanyContacts: the companies that accounts may belong to (`companyContactId`). */
export const companyContacts: Interface = {
  get: partly(
    gap,
    method(z.object({ query: searchQuery, domainId: z.string().default("") }), ({ query, domainId }, { engine }) => {
      const rows = engine.state.companies.filter((each) => domainId === "" || each.domainId === domainId).map(rowOf);
      return search(rows, query, { quick: ["name"], switches: engine.switches });
    }),
  ),

  getAvailable: partly(
    gap,
    method(z.object({ domainId: id }), ({ domainId }, { engine }) => ({
      companyContactList: engine.state.companies
        .filter((each) => each.domainId === "" || each.domainId === domainId)
        .map(rowOf),
    })),
  ),

  create: partly(
    gap,
    method(z.object({ companyContacts: z.array(pattern) }), ({ companyContacts: items }, { engine }) =>
      createEach(engine, items, (item) => {
        const company = { id: newId("companycontact"), domainId: "", name: "", settings: structuredClone(template) };
        change(engine, company, item);
        engine.state.companies.push(company);
        return company.id;
      }),
    ),
  ),

  set: partly(
    gap,
    method(z.object({ companyContactIds: z.array(id), pattern }), ({ companyContactIds, pattern: given }, { engine }) =>
      forEachRow(engine, engine.state.companies, companyContactIds, (company) => change(engine, company, given)),
    ),
  ),

  remove: partly(
    gap,
    method(z.object({ companyContactIds: z.array(id) }), ({ companyContactIds }, { engine }) =>
      removeEachRow(engine, engine.state.companies, companyContactIds, (company) => {
        engine.state.companies.splice(engine.state.companies.indexOf(company), 1);
      }),
    ),
  ),
};

function change(engine: Engine, company: CompanyContact, { domainId, name, ...rest }: Pattern): void {
  const home = domainId ?? company.domainId;
  const called = name ?? company.name;
  if (home !== "" && !engine.domain(home)) throw RpcError.missing(home);
  if (called.trim() === "") throw RpcError.failed("Company name is empty.");
  const lower = called.toLowerCase();
  const taken = engine.state.companies.some(
    (each) => each.id !== company.id && each.domainId === home && each.name.toLowerCase() === lower,
  );
  if (taken) throw RpcError.exists(called);
  Object.assign(company, { domainId: home, name: called, settings: changed(company.settings, rest) });
}

function rowOf({ settings, ...row }: CompanyContact) {
  return structuredClone({ ...settings, ...row });
}
