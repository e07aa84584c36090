import { z } from "zod";
import type { Engine } from "../engine.js";
import { newId } from "../ids.js";
import { search, searchQuery } from "../search-query.js";
import type { UserTemplate } from "../state.js";
import { createEach, forEachRow, removeEachRow } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id, userPattern } from "./schemas.js";

const gap = "kept and given back; which members of a User a template has is not known, so all of them are taken";

const pattern = userPattern
  .omit({ loginName: true, password: true, domainId: true })
  .extend({ name: z.string().optional(), description: z.string().optional(), domainId: z.string().optional() });

/** The members that a template may have. */
export const templateColumns = ["id", ...Object.keys(pattern.shape)];

type Pattern = z.infer<typeof pattern>;

/** The interface UserTemplates. A template does nothing by itself: the administration fills its forms from it. */
export const userTemplates: Interface = {
  get: partly(
    gap,
    method(z.object({ query: searchQuery }), ({ query }, { engine }) => {
      const quick = ["name", "description"] as const;
      const { list, totalItems } = search(engine.state.templates.map(rowOf), query, {
        quick,
        switches: engine.switches,
      });
      return { userTemplateList: list, totalItems };
    }),
  ),

  getAvailable: partly(
    gap,
    method(z.object({ domainId: id }), ({ domainId }, { engine }) => ({
      userTemplateList: engine.state.templates
        .filter((each) => each.domainId === "" || each.domainId === domainId)
        .map(rowOf),
    })),
  ),

  create: partly(
    gap,
    method(z.object({ userTemplates: z.array(pattern) }), ({ userTemplates: items }, { engine }) =>
      createEach(engine, items, (item) => {
        const template = { id: newId("usertemplate"), name: "", description: "", domainId: "", settings: {} };
        change(engine, template, item);
        engine.state.templates.push(template);
        return template.id;
      }),
    ),
  ),

  set: partly(
    gap,
    method(z.object({ idList: z.array(id), pattern }), ({ idList, pattern: given }, { engine }) =>
      forEachRow(engine, engine.state.templates, idList, (template) => change(engine, template, given)),
    ),
  ),

  remove: partly(
    gap,
    method(z.object({ idList: z.array(id) }), ({ idList }, { engine }) =>
      removeEachRow(engine, engine.state.templates, idList, (template) => {
        engine.state.templates.splice(engine.state.templates.indexOf(template), 1);
      }),
    ),
  ),
};

function change(engine: Engine, template: UserTemplate, { name, description, domainId, ...rest }: Pattern): void {
  const home = domainId ?? template.domainId;
  const called = name ?? template.name;
  if (home !== "" && !engine.domain(home)) throw RpcError.missing(home);
  if (called.trim() === "") throw RpcError.failed("Template name is empty.");
  const taken = engine.state.templates.some((each) => each.id !== template.id && each.name === called);
  if (taken) throw RpcError.exists(called);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  Object.assign(template, {
    domainId: home,
    name: called,
    description: description ?? template.description,
    settings: { ...template.settings, ...given },
  });
}

function rowOf({ settings, ...row }: UserTemplate) {
  return structuredClone({ ...settings, ...row });
}
