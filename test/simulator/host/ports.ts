import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** The address every door of a stand-in listens on. */
export const address = "127.0.0.1";

/**
 * A port for a listener that closes and opens again: `wanted` if it is not 0, else `before` if it is still free, else
 * any free one below the range from which systems take the ports of outgoing connections. One from inside that range
 * could be taken by somebody's connection while the mail service is stopped.
 */
export async function freePort(wanted: number, before: number | undefined, taken: Set<number>): Promise<number> {
  if (wanted !== 0) return wanted;
  if (before !== undefined && !taken.has(before) && (await isFree(before))) return before;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error("no free port found between 20000 and 32000");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, address, () => probe.close(() => resolve(true)));
  });
}
