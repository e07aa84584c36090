import { z } from "zod";
import { KerioError } from "../../errors";
import type { CallOptions, KerioClient } from "../client";

/** One condition of a search. All values are texts. */
export interface Condition {
  fieldName: string;
  comparator: "Eq" | "NotEq" | "LessThan" | "GreaterThan" | "LessEq" | "GreaterEq" | "Like";
  value: string;
}

/** What a list method looks for; everything when left out. */
export interface Search {
  /** The members wanted; all when left out. */
  fields?: readonly string[];
  conditions?: readonly Condition[];
  /** How several conditions belong together. Default `And`. */
  combining?: "And" | "Or";
}

/** How a list method is called. */
export interface ListCall<S extends z.ZodType> {
  method: string;
  /** What its items look like. */
  item: S;
  search?: Search;
  /** Parameters beside `query`. */
  params?: object;
  doing: string;
  options?: CallOptions;
}

/** Servers may cap what one answer holds; more pages than this is a list that never ends. */
const mostPages = 1000;

/** Reads a whole list, page by page where the server caps its answers. Safe to repeat. */
export async function listAll<S extends z.ZodType>(client: KerioClient, call: ListCall<S>): Promise<z.output<S>[]> {
  const { fields, conditions, combining = "And" } = call.search ?? {};
  const reply = z.object({ list: z.array(call.item), totalItems: z.number().optional() });
  const all: z.output<S>[] = [];
  const object = call.options?.object ?? serverOf(client);
  for (let page = 0; page < mostPages; page++) {
    const query = {
      ...(fields && { fields }),
      ...(conditions && conditions.length > 0 && { conditions, combining }),
      start: all.length,
      limit: -1,
    };
    const { list, totalItems } = await client.call({
      method: call.method,
      params: { query, ...call.params },
      reply,
      safe: true,
      doing: call.doing,
      ...call.options,
      object,
    });
    all.push(...list);
    if (list.length === 0 || totalItems === undefined || all.length >= totalItems) return all;
  }
  throw new KerioError("UNEXPECTED_REPLY", {
    object,
    doing: call.doing,
    happened: `${call.method} never comes to an end`,
  });
}

/** How errors call the server when no better object is known. */
export function serverOf(client: KerioClient): string {
  return `server ${client.settings.url}`;
}
