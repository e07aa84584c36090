import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

const service = z.object({
  id: z.string().min(1),
  name: z.string(),
  /** Automatic or Manual; a manual one stays stopped when the server starts. */
  howToStart: z.string().optional(),
  isRunning: z.boolean(),
  defaultPort: z.number().optional(),
  listeners: z
    .array(z.object({ type: z.string().optional(), address: z.string().optional(), port: z.number() }))
    .optional(),
});

/** A mail service (SMTP, IMAP, …). The administration is not among them. */
export type Service = z.output<typeof service>;

/** `Services.get`. Safe. */
export async function listServices(client: KerioClient, options?: CallOptions): Promise<Service[]> {
  const { services } = await client.call({
    method: "Services.get",
    reply: z.object({ services: z.array(service) }),
    safe: true,
    doing: "listing services",
    object: serverOf(client),
    ...options,
  });
  return services;
}

/** `Services.start`. Not safe. */
export async function startService(client: KerioClient, serviceId: string, options?: CallOptions): Promise<void> {
  await change(client, "Services.start", serviceId, { doing: "starting a service", ...options });
}

/** `Services.stop`: until it is started again or the server is restarted. Not safe. */
export async function stopService(client: KerioClient, serviceId: string, options?: CallOptions): Promise<void> {
  await change(client, "Services.stop", serviceId, { doing: "stopping a service", ...options });
}

async function change(
  client: KerioClient,
  method: string,
  serviceId: string,
  options: CallOptions & { doing: string },
): Promise<void> {
  const call = { method, params: { service: serviceId }, reply: z.object({}), object: serverOf(client) };
  await client.call({ ...call, ...options });
}
