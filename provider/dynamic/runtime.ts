import type { dynamic } from "@pulumi/pulumi";
import { KerioError, messageOf } from "../errors";
import type { RunHooks } from "../rename/run-context";
import { aliasLifecycle } from "../resources/alias-lifecycle";
import { userLifecycle } from "../resources/user-lifecycle";
import type { Kind } from "./bridge";
import { currentEngine, EngineWatch } from "./engine-watch";
import { isExpected, partialFailure, presentable, refusal } from "./failures";
import { Unfinished, type Context, type Lifecycle, type Properties } from "./lifecycle";
import { Memory } from "./memory";
import { Servers } from "./servers";
import { withoutUndefined } from "./unknowns";
import { createUserLog } from "./user-log";
import { without } from "./without";

/** Every resource by the kind that its bridge carries. */
const lifecycles: Readonly<Record<Kind, Lifecycle>> = { user: userLifecycle, alias: aliasLifecycle };

/** What one plugin process remembers and holds open. */
export interface Process extends Context {
  noticeCall(): void;
  during<T>(call: Promise<T>): Promise<T>;
  flush(): Promise<void>;
}

const providerKey = "__provider";

/**
 * One for the whole plugin process: the host configures it once, but hands every distinct provider text (users,
 * aliases) a configuration object of its own, and they must share sessions, memory and the window of a rename.
 */
let current: Process | undefined;

/**
 * The entry of the plugin process: every call of the engine, of every resource text that was ever stored, arrives
 * here. **The signature is frozen**: texts in old states call it.
 *
 * @param kind what the text was made for
 * @param request what `configure` was given; the settings are read from it when they are first needed
 * @param method `check`, `diff`, `create`, `read`, `update` or `delete`
 * @param args the engine's arguments of that method
 */
export async function call(
  kind: string,
  request: dynamic.ConfigureRequest,
  method: string,
  args: unknown[],
): Promise<unknown> {
  current ??= startProcess(request.config);
  return callIn(current, kind, method, args);
}

/** One call of the engine in a plugin process. */
export function callIn(context: Process, kind: string, method: string, args: unknown[]): Promise<unknown> {
  context.noticeCall();
  return context.during(handle(context, kind, method, args));
}

async function handle(context: Process, kind: string, method: string, args: unknown[]): Promise<unknown> {
  const doing = `handling ${method} of a ${kind}`;
  try {
    const lifecycle = Object.hasOwn(lifecycles, kind) ? lifecycles[kind as Kind] : undefined;
    const step = Object.hasOwn(steps, method) ? steps[method as keyof typeof steps] : undefined;
    if (!lifecycle || !step) throw tooNew(kind, method);
    return withoutUndefined(await step(lifecycle, context, args));
  } catch (error) {
    if (error instanceof Unfinished) {
      const properties = { ...error.properties, [providerKey]: providerOf(args) };
      throw partialFailure(error.id, withoutUndefined(properties), error.reasons);
    }
    if (method === "check" && isExpected(error))
      return { inputs: propertiesOf(args[1]), failures: [refusal(messageOf(error))] };
    throw presentable(error, doing);
  } finally {
    // The engine may end this process as soon as the last call is answered.
    await context.flush();
  }
}

const steps = {
  check: (life: Lifecycle, context: Context, [olds, news]: unknown[]) =>
    life.check(context, propertiesOf(olds), propertiesOf(news)),
  diff: (life: Lifecycle, context: Context, [id, olds, news]: unknown[]) =>
    life.diff(context, String(id), propertiesOf(olds), propertiesOf(news)),
  create: (life: Lifecycle, context: Context, [inputs]: unknown[]) => life.create(context, propertiesOf(inputs)),
  read: (life: Lifecycle, context: Context, [id, props]: unknown[]) =>
    life.read(context, String(id), propertiesOf(props)),
  update: (life: Lifecycle, context: Context, [id, olds, news]: unknown[]) =>
    life.update(context, String(id), propertiesOf(olds), propertiesOf(news)),
  delete: (life: Lifecycle, context: Context, [id, props]: unknown[]) =>
    life.delete(context, String(id), propertiesOf(props)),
};

/** The plugin host attaches the provider's text again by itself, except to a partial failure. */
function propertiesOf(value: unknown): Properties {
  if (typeof value !== "object" || value === null) return {};
  return without(value as Properties, providerKey);
}

function providerOf(args: unknown[]): unknown {
  const holder = args.findLast((arg) => typeof arg === "object" && arg !== null && providerKey in arg);
  return holder === undefined ? undefined : (holder as Record<string, unknown>)[providerKey];
}

/**
 * What a plugin process begins with; opens no connection.
 *
 * @param hooks called around every step of a rename
 */
export function startProcess(config: dynamic.Config, hooks?: RunHooks): Process {
  const memory = new Memory();
  const log = createUserLog(process.argv[2]);
  // The configuration arrives typed: a user name of digits is a number there.
  const get = (key: string) => {
    const value: unknown = config.get(key);
    if (value === undefined || value === null) return undefined;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  const engine = new EngineWatch(currentEngine());
  engine.start();
  const source = { get, env: process.env, directory: process.cwd() };
  const servers = new Servers(source, memory, log, engine, hooks);
  return {
    memory,
    log,
    server: (name: string | undefined) => servers.get(name),
    noticeCall: () => servers.noticeCall(),
    during: <T>(call: Promise<T>) => engine.during(call),
    flush: () => log.flush(),
  };
}

function tooNew(kind: string, method: string): KerioError {
  return new KerioError("INTERNAL", {
    object: `resource of kind ${kind}`,
    doing: method,
    happened: "the installed pulumi-kerio does not know it; the state was written by a newer version",
    next: "Install the version that wrote the state, or a later one.",
  });
}
