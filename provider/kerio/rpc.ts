/** The frame of JSON-RPC as the Administration API speaks it: one request as text, one answer as result or refusal. */
import { z } from "zod";

/** Refusals of the frame itself, not of what was asked: malformed, unknown method, given up on. */
export const protocolCodes: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32603, -32002]);

/** The server gave up on the call: it may have done it, in part or whole. */
export const requestTimeout = -32002;

/** No session, or one that is over. Judged by the code alone: its text differs between versions. */
export const sessionExpired = -32001;

/** A refusal, its placeholders filled in. */
export interface RpcError {
  code: number;
  message: string;
}

/** What an answer says. */
export type RpcReply = { kind: "result"; result: unknown } | { kind: "error"; error: RpcError };

const parameters = z.object({ positionalParameters: z.array(z.coerce.string()).optional() });

const errorMember = z.object({
  code: z.number(),
  message: z.string().default(""),
  data: z.object({ messageParameters: parameters.optional() }).nullish().catch(undefined),
});

const frame = z.object({ id: z.unknown().optional(), result: z.unknown().optional(), error: errorMember.nullish() });

/** The text of a request. */
export function encode(id: number, method: string, params: object | undefined, token: string | undefined): string {
  // The token also travels in the body: some builds ask for it there, and it is harmless on the others.
  return JSON.stringify({ jsonrpc: "2.0", id, method, params: params ?? {}, ...(token ? { token } : {}) });
}

/** Reads an answer to the request with that id, or to one that has none; undefined when it is none. */
export function decode(text: string, id: number | undefined): RpcReply | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = frame.safeParse(json);
  if (!parsed.success) return undefined;
  const { error, result, id: answered } = parsed.data;
  if (error) {
    const filled = fill(error.message, error.data?.messageParameters?.positionalParameters);
    return { kind: "error", error: { code: error.code, message: filled } };
  }
  // A method that has nothing to say may answer null in the place of an empty object.
  return (id === undefined || answered === id) && result !== undefined
    ? { kind: "result", result: result ?? {} }
    : undefined;
}

/** Puts the parameters into the placeholders `%1`, `%2` … of a message. */
export function fill(message: string, positional: readonly string[] | undefined): string {
  return message.replace(/%(\d+)/g, (placeholder, n: string) => positional?.[Number(n) - 1] ?? placeholder);
}
