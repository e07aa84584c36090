import type { Engine } from "../engine.js";
import { hasQuery } from "../search-query.js";
import { isShutOut, type Session } from "../sessions.js";
import type { Switches } from "../switches.js";
import { masked } from "../truth.js";
import { mayCall, needsNoLogin, onlyReads } from "./access.js";
import { effectiveRoleOf } from "./account-rules.js";
import { handlerOf } from "./interfaces.js";
import type { Call, Handler } from "./method.js";
import { productHas } from "./product-methods.js";
import { RpcError, rpcCodes } from "./rpc-error.js";

/** What came over the wire, already parsed. */
export interface Request {
  method: string;
  params: unknown;
  session: Session | undefined;
  /** What the cookie was worth where there is no session; left out when there was none. */
  cookie?: "ended" | "without-token";
  /** Where it came from; left out for calls that come over no wire. */
  clientAddress?: string;
}

/** What goes back: exactly one of result and error, and headers of the answer. */
export interface Answer {
  result?: unknown;
  error?: object;
  headers: Record<string, string | string[]>;
  /** The answer never comes: the caller has to give up by itself. */
  hang?: boolean;
}

/** The parameters of a call: left out or empty, they are none. PHP writes an object without members as a list. */
export function filledParams(params: unknown): unknown {
  const isEmpty = (params ?? "") === "" || (Array.isArray(params) && params.length === 0);
  return isEmpty ? {} : params;
}

/** Judges rights, runs the handler, and writes the call down with passwords masked. */
export async function dispatch(engine: Engine, request: Request): Promise<Answer> {
  const headers: Answer["headers"] = {};
  const started = Date.now();
  const note = (code: number, message?: string) =>
    engine.truth.write("calls", {
      user: request.session?.login ?? "",
      method: request.method,
      params: masked(request.params),
      code,
      ...(message === undefined ? {} : { message }),
      ms: Date.now() - started,
    });
  try {
    const result = await run(engine, request, headers);
    note(0);
    if (engine.switches.of("config-save") === "after-change" && !onlyReads(request.method)) engine.save();
    return { result, headers };
  } catch (error) {
    const refusal = error instanceof RpcError ? error : RpcError.failed(`internal error: ${String(error)}`);
    note(refusal.code, refusal.message);
    const unknown = refusal.code === rpcCodes.methodNotFound;
    const hang = refusal.isUnanswered || (unknown && engine.switches.of("unknown-method") === "hang");
    return { error: refusal.asCallError(engine.switches), headers, hang };
  }
}

async function run(engine: Engine, request: Request, headers: Call["headers"]): Promise<unknown> {
  const { method, params, session, clientAddress = "" } = request;
  const refused = engine.faults.take("refuse", method);
  if (refused) throw new RpcError(refused.code ?? rpcCodes.operationFailed, refused.message ?? "operation failed");
  const free = needsNoLogin(method, engine.switches);
  const caller = session?.user;
  if (!free && (!session || isShutOut(engine, caller))) {
    throw noSession(engine, request.cookie);
  }
  const handler = handlerOf(method);
  if (!handler && productHas(method)) throw RpcError.notImplemented(method);
  if (!handler) {
    const isGeneral = engine.switches.of("unknown-method") === "failed";
    throw new RpcError(isGeneral ? rpcCodes.operationFailed : rpcCodes.methodNotFound, "Method not found");
  }
  const role = caller ? effectiveRoleOf(engine, caller) : session ? "BuiltInAdmin" : "UserRole";
  if (!free && !mayCall(role, method, engine.switches)) throw RpcError.denied();
  if (isRefusedToAuditor(handler, { ...request, role }, engine.switches))
    throw RpcError.failed("internal database error");
  const again = (name: string, inner: unknown) =>
    run(engine, { ...request, method: name, params: filledParams(inner) }, {});
  return handler(params, { engine, session, headers, clientAddress, role, caller, again });
}

/** See the switch missing-query; Queue.get has one of its own. */
function isRefusedToAuditor(
  handler: Handler,
  { method, params, role }: Pick<Request, "method" | "params"> & { role: string },
  switches: Switches,
): boolean {
  if (role !== "Auditor" || !handler.takesQuery || hasQuery(params)) return false;
  if (method === "Queue.get" && switches.of("queue-without-query") === "hang") return false;
  return switches.of("missing-query") === "refused-to-auditor";
}

function noSession({ switches }: Engine, cookie: Request["cookie"]): RpcError {
  const code = cookie === "without-token" ? switches.number("wrong-token-code") : rpcCodes.sessionExpired;
  const isTold = cookie === "ended" && switches.of("ended-session-text") === "not-logged-in";
  return new RpcError(
    code,
    isTold ? "The user is not logged in." : "User Anonymous does not have administrator rights",
  );
}
