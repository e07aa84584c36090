import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

/** One call among several. */
export interface Command {
  method: string;
  params: object;
}

/**
 * `Batch.run`: several calls in one, one after the other, with nothing of anybody else between them. Not safe. The web
 * administration uses it, but it is not documented: neither the form of its answer is known, nor whether it goes on after
 * a refusal. So nothing is told of what became of the calls: look at the server.
 * @throws KerioError API_REFUSED on a server that does not know it
 */
export async function runBatch(
  client: KerioClient,
  commandList: readonly Command[],
  options?: CallOptions,
): Promise<void> {
  if (commandList.length === 0) return;
  await client.call({
    method: "Batch.run",
    params: { commandList },
    reply: z.unknown(),
    doing: "changing several things at once",
    object: serverOf(client),
    ...options,
  });
}
