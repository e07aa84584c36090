/** Bulk methods answer per item: what failed stands in `errors`, what was made in `result`, both by `inputIndex`. */
import { z } from "zod";
import { KerioError } from "../../errors";
import type { CallOptions, KerioClient } from "../client";
import { fill } from "../rpc";
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

/** A bulk call. */
export interface BulkCall {
  method: string;
  params: object;
  /** How many items it names. */
  items: number;
  doing: string;
  options?: CallOptions;
}

/**
 * Makes objects; the results are their ids, in the order of the items. Not safe to repeat.
 * @throws KerioError UNEXPECTED_REPLY, outcome `unknown`, when the answer leaves out an item
 */
export async function createAll(client: KerioClient, call: BulkCall): Promise<ItemResult<string>[]> {
  const { errors, result } = await write(client, call);
  const byIndex = new Map<number, ItemResult<string>>();
  for (const { inputIndex, id } of result ?? []) byIndex.set(inputIndex, { ok: true, value: id });
  for (const { inputIndex, error } of errors ?? []) byIndex.set(inputIndex, { ok: false, error });
  return aligned(client, call, byIndex, () => undefined);
}

/** Changes or removes objects: an item is well unless `errors` names it. Not safe to repeat. */
export async function changeAll(client: KerioClient, call: BulkCall): Promise<ItemResult<void>[]> {
  const { errors } = await write(client, call);
  const byIndex = new Map<number, ItemResult<void>>();
  for (const { inputIndex, error } of errors ?? []) byIndex.set(inputIndex, { ok: false, error });
  return aligned(client, call, byIndex, () => ({ ok: true, value: undefined }));
}

/** A bulk call about nothing is not made: what a server answers to it is not known. */
async function write(
  client: KerioClient,
  { method, params, items, doing, options }: BulkCall,
): Promise<z.output<typeof bulkReply>> {
  if (items === 0) return {};
  return client.call({ method, params, reply: bulkReply, doing, object: serverOf(client), ...options });
}

/** The results by place. An index outside the items, or an item without a result, is an answer we do not understand. */
function aligned<T>(
  client: KerioClient,
  call: BulkCall,
  byIndex: ReadonlyMap<number, ItemResult<T>>,
  absent: () => ItemResult<T> | undefined,
): ItemResult<T>[] {
  const strange = [...byIndex].find(([index]) => index < 0 || index >= call.items);
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
    throw unexpected(`${call.method} reports ${said} for item ${index} of ${call.items}`);
  }
  return Array.from({ length: call.items }, (_, index) => {
    const result = byIndex.get(index) ?? absent();
    if (!result) throw unexpected(`${call.method} says nothing about item ${index} of ${call.items}`);
    return result;
  });
}

/** The refusal of one item as an error of its own. */
export function itemRefused(error: ItemError, about: { object: string; doing: string; next?: string }): KerioError {
  const reason = error.message.trim().replace(/\.$/, "") || "no reason given";
  return new KerioError("API_REFUSED", {
    ...about,
    happened: `the server refused: ${reason} (code ${error.code})`,
    outcome: "rejected",
    apiCode: error.code,
  });
}
