import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

/** The store directory on the mail host, without a slash at its end. `AdvancedOptions.get`. Safe. */
export async function getStorePath(client: KerioClient, options?: CallOptions): Promise<string> {
  const reply = await client.call({
    method: "AdvancedOptions.get",
    reply: z.object({ options: z.object({ storeDirectory: z.object({ storePath: z.string().min(1) }) }) }),
    safe: true,
    doing: "reading the path of the store",
    object: serverOf(client),
    ...options,
  });
  return reply.options.storeDirectory.storePath.replace(/(?<=.)[/\\]+$/, "");
}
