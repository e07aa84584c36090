import type { Engine } from "../engine.js";
import type { Session } from "../sessions.js";
import { masked } from "../truth.js";
import { effectiveRoleOf } from "./account-rules.js";
import { handlerOf } from "./interfaces.js";
import type { Call } from "./method.js";
import { RpcError, rpcCodes } from "./rpc-error.js";

/** What came over the wire, already parsed. */
export interface Request {
  method: string;
  params: unknown;
  session: Session | undefined;
}

/** What goes back: exactly one of result and error, and headers of the answer. */
export interface Answer {
  result?: unknown;
  error?: object;
  headers: Record<string, string | string[]>;
  /** The answer never comes: the caller has to give up by itself. */
  hang?: boolean;
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
    const result = await run(engine, request.method, request.params, request.session, headers);
    note(0);
    if (
      engine.switches.of("config-save") === "after-change" &&
      !readingNames.test(request.method.split(".")[1] ?? "")
    ) {
      engine.save();
    }
    return { result, headers };
  } catch (error) {
    const refusal = error instanceof RpcError ? error : RpcError.failed(`internal error: ${String(error)}`);
    note(refusal.code, refusal.message);
    const unknown = refusal.code === rpcCodes.methodNotFound;
    const hang = unknown && engine.switches.of("unknown-method") === "hang";
    return { error: refusal.asCallError(), headers, hang };
  }
}

/** Methods that need no login. */
const open = ["Session.login", "Version.getApiVersion", "Version.getProductVersion"];

async function run(
  engine: Engine,
  method: string,
  params: unknown,
  session: Session | undefined,
  headers: Call["headers"],
): Promise<unknown> {
  const refused = engine.faults.take("refuse", method);
  if (refused) throw new RpcError(refused.code ?? rpcCodes.operationFailed, refused.message ?? "operation failed");
  const free = open.includes(method) || method.startsWith("Init.");
  if (!free && !session) {
    throw new RpcError(rpcCodes.sessionExpired, "User Anonymous does not have administrator rights.");
  }
  const handler = handlerOf(method);
  if (!handler) throw new RpcError(rpcCodes.methodNotFound, "Method not found");
  const caller = session?.user;
  const role = caller ? effectiveRoleOf(engine, caller) : session ? "BuiltInAdmin" : "UserRole";
  if (!free && !mayCall(role, method)) throw RpcError.denied();
  const again = (name: string, inner: unknown) => run(engine, name, inner ?? {}, session, {});
  return handler(params, { engine, session, headers, role, caller, again });
}

const accountInterfaces = ["Users", "Groups", "Aliases", "MailingLists", "Resources"];
const readingNames = /^(get|check|find|path|who|export)/;

// Which method which role may call is documented only in words: an auditor reads, an account administrator
// writes accounts, groups, aliases and lists.
function mayCall(role: string, method: string): boolean {
  const [interfaceName = "", name = ""] = method.split(".");
  if (role === "FullAdmin" || role === "BuiltInAdmin" || interfaceName === "Session" || interfaceName === "Batch")
    return true;
  if (role === "AccountAdmin") {
    return (
      accountInterfaces.includes(interfaceName) || method === "Domains.generatePassword" || readsPlainly(method, name)
    );
  }
  return role === "Auditor" && readingNames.test(name);
}

function readsPlainly(method: string, name: string): boolean {
  const administratorsOnly = /^(AdvancedOptions|Backup|Services|SecurityPolicy)\./.test(method);
  return readingNames.test(name) && !administratorsOnly;
}
