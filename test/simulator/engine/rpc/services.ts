import { z } from "zod";
import type { Engine } from "../engine.js";
import type { Service } from "../state.js";
import { forEach } from "./bulk.js";
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

/** The interface Services. A stop holds until a start or a restart of the engine; the start type stays. */
export const services: Interface = {
  get: method(nothing, (_, { engine }) => ({
    services: engine.state.services.map((each) => serviceRow(engine, each)),
  })),

  start: method(one, async ({ service }, { engine }) => {
    await switchService(engine, existing(engine, service), true);
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
    await switchService(engine, found, true);
    return {};
  }),

  set: partly(
    "listeners, groups and limits are kept and shown; the ports in use do not change",
    method(z.object({ services: z.array(serviceChange) }), ({ services: items }, { engine }) =>
      forEach(items, ({ id: serviceId, howToStart, ...rest }) => {
        const found = existing(engine, serviceId);
        found.howToStart = howToStart ?? found.howToStart;
        const given = Object.entries(rest).filter(([, value]) => value !== undefined);
        found.settings = { ...found.settings, ...Object.fromEntries(given) };
      }),
    ),
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

/** Starts or stops one service; only SMTP has a listener of its own here. */
export async function switchService(engine: Engine, service: Service, on: boolean): Promise<void> {
  if (service.name === "SMTP") await engine.smtpListening(on);
  service.isRunning = on;
  engine.truth.write("engine", { event: on ? "service started" : "service stopped", service: service.name });
  if (service.name === "SMTP" && on) engine.runQueue();
}

function existing(engine: Engine, serviceId: string): Service {
  const service = engine.state.services.find((each) => each.id === serviceId);
  if (!service) throw RpcError.missing(serviceId);
  return service;
}

function serviceRow(engine: Engine, service: Service) {
  const port = service.name === "SMTP" ? engine.environment.smtpPort : service.defaultPort;
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
