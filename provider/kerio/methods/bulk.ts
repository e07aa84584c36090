/** Bulk methods answer per item: what failed stands in `errors`, what was made in `result`, both by `inputIndex`. */
import { z } from "zod";
import { KerioError } from "../../errors";
import type { CallOptions, KerioClient } from "../client";
import { accessDenied, roleAdvice } from "../role-advice";
import { fill } from "../rpc";
import { eachForItself, type RefusalOptions } from "./each-for-itself";
import { serverOf } from "./list";

/** Why the server refused one item. */
export interface ItemError {
  code: number;
  /** The server's words, placeholders filled in. */
  message: string;
}

/** What became of one item, at the place of that item. */
export type ItemResult<T> = { ok: true; value: T } | { ok: false; error: ItemError };

const positional = z.object({ positionalParameters: z.array(z.coerce.string()).optional() });

/** One entry of `errors`. */
export const itemError = z
  .object({
    inputIndex: z.number().int(),
    code: z.number(),
    message: z.string().default(""),
    messageParameters: positional.nullish(),
  })
  .transform(({ inputIndex, code, message, messageParameters }) => ({
    inputIndex,
    error: { code, message: fill(message, messageParameters?.positionalParameters) },
  }));

/** The reply of every bulk method; those that make nothing have no `result`. */
const bulkReply = z.object({
  errors: z.array(itemError).nullish(),
  result: z.array(z.object({ inputIndex: z.number().int(), id: z.string().min(1) })).nullish(),
});

/** What the callers of a bulk method may set. */
export type BulkOptions = CallOptions & Pick<RefusalOptions<never>, "itemwise">;

/** A bulk call. */
export interface BulkCall<I> {
  method: string;
  items: readonly I[];
  /** The parameters of a call about some of the items. */
  params: (items: readonly I[]) => object;
  doing: string;
  options?: BulkOptions;
}

/**
 * Makes objects; the results are their ids, in the order of the items. Not safe to repeat. A refusal of the whole call is
 * thrown: whether anything was made nevertheless must be looked at before it is asked for again, see {@link eachForItself}.
 * @throws KerioError UNEXPECTED_REPLY, outcome `unknown`, when the answer leaves out an item
 */
export async function createAll<I>(client: KerioClient, call: BulkCall<I>): Promise<ItemResult<string>[]> {
  const { errors, result } = await write(client, call);
  const byIndex = new Map<number, ItemResult<string>>();
  for (const { inputIndex, id } of result ?? []) byIndex.set(inputIndex, { ok: true, value: id });
  for (const { inputIndex, error } of errors ?? []) byIndex.set(inputIndex, { ok: false, error });
  return aligned(client, call, byIndex, () => undefined);
}

/**
 * Changes or removes objects: an item is well unless `errors` names it. Not safe to repeat blindly. A server may refuse
 * the whole call for one item: then each is asked for alone, which gives no object another value than the call would have.
 */
export async function changeAll<I>(client: KerioClient, call: BulkCall<I>): Promise<ItemResult<void>[]> {
  const { itemwise, ...options } = call.options ?? {};
  const ask = async (items: readonly I[]): Promise<ItemResult<void>[]> => {
    const { errors } = await write(client, { ...call, items, options });
    const byIndex = new Map<number, ItemResult<void>>();
    for (const { inputIndex, error } of errors ?? []) byIndex.set(inputIndex, { ok: false, error });
    return aligned(client, { ...call, items }, byIndex, () => ({ ok: true, value: undefined }));
  };
  return eachForItself(call.items, ask, { itemwise });
}

/** A bulk call about nothing is not made: what a server answers to it is not known. */
async function write<I>(
  client: KerioClient,
  { method, params, items, doing, options }: BulkCall<I>,
): Promise<z.output<typeof bulkReply>> {
  if (items.length === 0) return {};
  return client.call({ method, params: params(items), reply: bulkReply, doing, object: serverOf(client), ...options });
}

/** The results by place. An index outside the items, or an item without a result, is an answer we do not understand. */
function aligned<I, T>(
  client: KerioClient,
  call: BulkCall<I>,
  byIndex: ReadonlyMap<number, ItemResult<T>>,
  absent: () => ItemResult<T> | undefined,
): ItemResult<T>[] {
  const strange = [...byIndex].find(([index]) => index < 0 || index >= call.items.length);
  const unexpected = (happened: string) =>
    new KerioError("UNEXPECTED_REPLY", {
      object: call.options?.object ?? serverOf(client),
      doing: call.options?.doing ?? call.doing,
      happened,
      next: "Please report this with the version of the mail server.",
      outcome: "unknown",
    });
  if (strange) {
    const [index, result] = strange;
    const said = result.ok ? "a success" : `"${result.error.message}" (code ${result.error.code})`;
    throw unexpected(`${call.method} reports ${said} for item ${index} of ${call.items.length}`);
  }
  return Array.from({ length: call.items.length }, (_, index) => {
    const result = byIndex.get(index) ?? absent();
    if (!result) throw unexpected(`${call.method} says nothing about item ${index} of ${call.items.length}`);
    return result;
  });
}

/** The refusal of one item as an error of its own. */
export function itemRefused(error: ItemError, about: { object: string; doing: string; next?: string }): KerioError {
  const reason = error.message.trim().replace(/\.$/, "") || "no reason given";
  return new KerioError("API_REFUSED", {
    ...(error.code === accessDenied && { next: roleAdvice() }),
    ...about,
    happened: `the server refused: ${reason} (code ${error.code})`,
    outcome: "rejected",
    apiCode: error.code,
  });
}
