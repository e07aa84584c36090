import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ControlError, type ControlRequest, type ControlRoutes } from "./control-door";
import type { ServiceTruth, TruthLine } from "./control-types";
import { downtimesOf, type ServiceRecord } from "./downtimes";
import { EngineFaults } from "./engine-faults";
import type { EngineProcess } from "./engine-process";
import { HostFaults, type HostFaultOptions } from "./host-faults";
import type { Layout } from "./layout";
import { directoriesOf, messagesOf } from "./mail-tree";
import type { ServiceManager } from "./service-manager";

/** What the door opens onto. */
export interface ControlParts {
  layout: Layout;
  manager: ServiceManager;
  faults: HostFaults;
  record: ServiceRecord;
  /** Remembers an engine's switch and tells the engine. */
  setSwitch(name: string, value: string): void;
  engineFaults: EngineFaults;
}

/** The requests of {@link ControlRequests} as routes. */
export function controlRoutes(parts: ControlParts): ControlRoutes {
  const { layout, manager, faults } = parts;
  return {
    "GET truth": async () => {
      const engine = readyEngine(manager);
      if (!engine) throw new ControlError(503, "the engine is away, and its memory with it");
      const truth = (await engine.ask("truth")) as Record<string, unknown>;
      return { ...truth, engine: engineTruth(manager) };
    },
    "GET service": () => engineTruth(manager),
    "GET directories": ({ query }) => directoriesOf(layout.storeDir, plainName(query, "domain")),
    "GET messages": ({ query }) => messagesOf(layout.storeDir, plainName(query, "domain"), plainName(query, "user")),
    "GET deliveries": () => linesOf(layout, "deliveries"),
    "GET bounces": () => linesOf(layout, "bounces"),
    "GET logins": () => linesOf(layout, "logins"),
    "GET calls": () => linesOf(layout, "calls"),
    "GET downtimes": () => downtimesOf(parts.record.read()),
    "POST faults": (request) => arm(parts, request),
    "DELETE faults": () => {
      parts.engineFaults.clear(readyEngine(manager));
      faults.clear();
    },
    "POST login": ({ body }) => {
      const engine = readyEngine(manager);
      if (!engine) throw new ControlError(503, "the engine is away");
      return engine.ask("login", { user: text(body, "user"), password: text(body, "password") });
    },
    "POST submit": ({ body }) => {
      const engine = readyEngine(manager);
      if (!engine) throw new ControlError(503, "the engine is away");
      return engine.ask("submit", { sender: body.sender, recipients: body.recipients, message: text(body, "message") });
    },
    "POST set-switch": ({ body }) => parts.setSwitch(text(body, "k"), text(body, "v")),
    "POST service": async ({ body }) => {
      await command(manager, text(body, "command"));
      return engineTruth(manager);
    },
  };
}

function arm({ faults, manager, engineFaults }: ControlParts, { body }: ControlRequest): void {
  const name = text(body, "name");
  const options = (body.options ?? {}) as Record<string, unknown>;
  if (HostFaults.knows(name)) return faults.arm(name, options as HostFaultOptions);
  if (!EngineFaults.knows(name)) throw new ControlError(400, `there is no fault "${name}"`);
  engineFaults.arm(name, options, readyEngine(manager));
}

function readyEngine({ state, engine }: ServiceManager): EngineProcess | undefined {
  return state.active === "active" ? engine : undefined;
}

async function command(manager: ServiceManager, name: string): Promise<void> {
  if (name === "start") await manager.start();
  else if (name === "stop") await manager.stop();
  else if (name === "restart") await manager.restart();
  else if (name === "kill") await killed(manager);
  else throw new ControlError(400, `no service command "${name}"`);
}

/** Kills the engine and waits until it has gone; what the service manager does then is its own affair. */
async function killed(manager: ServiceManager): Promise<void> {
  const { engine } = manager;
  if (!engine) return;
  await new Promise<void>((resolve) => {
    engine.once("exit", () => resolve());
    engine.kill("SIGKILL");
  });
}

function engineTruth({ state }: ServiceManager): ServiceTruth {
  const running = state.active === "active";
  return {
    running,
    pid: state.mainPid || null,
    startedAt: running ? (state.activeEnter?.toISOString() ?? null) : null,
    active: state.active,
    sub: state.sub,
    result: state.result,
    restarts: state.restarts,
  };
}

function linesOf(layout: Layout, kind: string): TruthLine[] {
  const file = join(layout.truthDir, `${kind}.jsonl`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as TruthLine);
}

function text(body: Record<string, unknown>, name: string): string {
  const value = body[name];
  if (typeof value !== "string") throw new ControlError(400, `"${name}" is missing`);
  return value;
}

/** A name that is one path component. */
function plainName(query: URLSearchParams, name: string): string {
  const value = query.get(name) ?? "";
  if (!/^[^/\0]+$/.test(value) || value === "." || value === "..") throw new ControlError(400, `"${name}" is no name`);
  return value;
}
