import type { z } from "zod";
import type { Engine } from "../engine.js";
import type { Session } from "../sessions.js";
import type { User } from "../state.js";
import { withoutUnfilled } from "./left-out.js";
import { RpcError } from "./rpc-error.js";

/** One call as its handler sees it. */
export interface Call {
  engine: Engine;
  /** Undefined for the methods that need no login. */
  session: Session | undefined;
  /** Headers for the answer; only Session.login sets any. */
  headers: Record<string, string | string[]>;
  /** Where the call came from. */
  clientAddress: string;
  /** What the session may do. */
  role: string;
  /** The account logged in with; undefined for the built-in administrator. */
  caller: User | undefined;
  /** Calls another method with the rights of this call. */
  again: (method: string, params: unknown) => Promise<unknown>;
}

/** A method of the API: takes the raw parameters, gives the `result` or throws an {@link RpcError}. */
export interface Handler {
  (params: unknown, call: Call): Promise<unknown>;
  /** What of the real method is missing; left out when nothing that is known of it is. */
  gap?: string;
  /** Whether it answers a query over rows. */
  takesQuery?: boolean;
}

/** The methods of one interface by their names. */
export type Interface = Record<string, Handler>;

/** A handler whose parameters are checked first: wrong ones are -32602, unknown and unfilled members are ignored. */
export function method<S extends z.ZodType>(
  schema: S,
  run: (params: z.infer<S>, call: Call) => object | Promise<object>,
): Handler {
  const handler = async (params: unknown, call: Call) => {
    let parsed = schema.safeParse(params);
    if (!parsed.success) {
      const issuesOf = (given: unknown) => schema.safeParse(given).error?.issues ?? [];
      parsed = schema.safeParse(withoutUnfilled(params, issuesOf, call.engine.switches));
    }
    if (!parsed.success) throw RpcError.invalidParams();
    return run(parsed.data, call);
  };
  return Object.assign(handler, { takesQuery: "shape" in schema && "query" in (schema.shape as object) });
}

/** Marks a method that does only a part of what the real one does; the page of the docs says what. */
export function partly(gap: string, handler: Handler): Handler {
  return Object.assign((params: unknown, call: Call) => handler(params, call), { ...handler, gap });
}
