import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Engine } from "../engine.js";
import type { Service } from "../state.js";
import { forEachInTurn } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";

const one = z.object({ service: id });

const serviceChange = z.object({
  id,
  howToStart: z.enum(["Automatic", "Manual"]).optional(),
  listeners: z
    .array(
      z.object({
        type: z.enum(["AllAddresses", "Localhost", "RealIpAddress"]),
        address: z.string(),
        port: z.number().int().min(1).max(65_535),
      }),
    )
    .optional(),
  group: z.object({ isUsed: z.boolean(), ipGroup: z.object({ id: z.string(), name: z.string() }) }).optional(),
  connectionLimit: z.object({ isSet: z.boolean(), value: z.number().int().min(0) }).optional(),
  anonymousAccess: z.boolean().optional(),
});

type ServiceChange = z.infer<typeof serviceChange>;

/** The interface Services. A stop holds until a start or a restart of the engine; the start type stays. */
export const services: Interface = {
  get: method(nothing, (_, { engine }) => ({
    services: engine.state.services.map((each) => serviceRow(engine, each)),
  })),

  start: method(one, async ({ service }, { engine }) => {
    await startService(engine, existing(engine, service));
    return {};
  }),

  stop: method(one, async ({ service }, { engine }) => {
    const found = existing(engine, service);
    if (engine.switches.of("ignore-service-stop") === "no") await switchService(engine, found, false);
    return {};
  }),

  restart: method(one, async ({ service }, { engine }) => {
    const found = existing(engine, service);
    await switchService(engine, found, false);
    await startService(engine, found);
    return {};
  }),

  set: partly(
    "no group of addresses shuts anybody out",
    method(z.object({ services: z.array(serviceChange) }), ({ services: items }, { engine }) =>
      forEachInTurn(engine, items, ({ id: serviceId, howToStart, ...rest }) => {
        const found = existing(engine, serviceId);
        found.howToStart = howToStart ?? found.howToStart;
        return changeSettings(engine, found, rest);
      }),
    ),
  ),

  stopMacOSServices: partly(
    "there is no such service to stop",
    method(nothing, () => ({})),
  ),

  getIPv6: method(nothing, (_, { engine }) => ({ isEnabled: engine.state.settings.options["ipv6"] === true })),
  setIPv6: partly(
    "kept",
    method(z.object({ isEnabled: z.boolean() }), ({ isEnabled }, { engine }) => {
      engine.state.settings.options["ipv6"] = isEnabled;
      return {};
    }),
  ),
};

/** Starts or stops one service and opens or closes its port. One whose port cannot be opened stays stopped. */
export async function switchService(engine: Engine, service: Service, on: boolean): Promise<void> {
  await engine.doors.get(service.name)?.listen(on);
  service.isRunning = on;
  engine.truth.write("engine", { event: on ? "service started" : "service stopped", service: service.name });
  if (service.name === "SMTP" && on) engine.runQueue();
}

/** What is sent back as it was shown is no change: a port that nobody chose may be another after the next start. */
async function changeSettings(engine: Engine, service: Service, given: Partial<ServiceChange>): Promise<void> {
  const shown = serviceRow(engine, service) as Record<string, unknown>;
  const changes = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !isDeepStrictEqual(value, shown[name]),
  );
  if (changes.length === 0) return;
  const before = service.settings;
  service.settings = { ...before, ...Object.fromEntries(changes) };
  if (!service.isRunning) return;
  await switchService(engine, service, false);
  try {
    await switchService(engine, service, true);
  } catch (error) {
    service.settings = before;
    await switchService(engine, service, true);
    throw RpcError.failed("Service %1 cannot be started (%2).", service.name, codeOf(error));
  }
}

async function startService(engine: Engine, service: Service): Promise<void> {
  try {
    await switchService(engine, service, true);
  } catch (error) {
    throw RpcError.failed("Service %1 cannot be started (%2).", service.name, codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

function existing(engine: Engine, serviceId: string): Service {
  const service = engine.state.services.find((each) => each.id === serviceId);
  if (!service) throw RpcError.missing(serviceId);
  return service;
}

function serviceRow(engine: Engine, service: Service) {
  const port = engine.doors.get(service.name)?.port ?? service.defaultPort;
  return {
    id: service.id,
    name: service.name,
    howToStart: service.howToStart,
    listeners: [{ type: "AllAddresses", address: "All addresses", port }],
    group: { isUsed: false, ipGroup: { id: "", name: "" } },
    connectionLimit: { isSet: true, value: 1000 },
    defaultPort: service.defaultPort,
    isRunning: service.isRunning,
    anonymousAccess: false,
    ...structuredClone(service.settings),
  };
}
