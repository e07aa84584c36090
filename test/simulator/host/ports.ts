import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** The address every door of a stand-in listens on. */
export const address = "127.0.0.1";

/**
 * Where a stand-in keeps its ports for itself while it lives: another one that starts while its mail service is stopped
 * would find them free otherwise. Systems without this address go without.
 */
const guardAddress = "127.0.0.2";

const guards = new Map<number, Server>();

/**
 * A port for a listener that closes and opens again: `wanted` if it is not 0, else `before` if it is still free, else
 * any free one below the range from which systems take the ports of outgoing connections. One from inside that range
 * could be taken by somebody's connection while the mail service is stopped. No other process gets it from here before
 * this one has ended.
 */
export async function freePort(wanted: number, before: number | undefined, taken: Set<number>): Promise<number> {
  if (wanted !== 0) return wanted;
  if (before !== undefined && !taken.has(before) && (await take(before))) return before;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (!taken.has(port) && (await take(port))) return port;
  }
  throw new Error("no free port found between 20000 and 32000");
}

async function take(port: number): Promise<boolean> {
  const probe = await listen(port, address);
  if (typeof probe === "string") return false;
  await new Promise((resolve) => probe.close(resolve));
  if (guards.has(port)) return true;
  const guard = await listen(port, guardAddress);
  if (typeof guard === "string") return guard !== "EADDRINUSE";
  guard.unref();
  guards.set(port, guard);
  return true;
}

/** A listener, or the code of the error. */
function listen(port: number, host: string): Promise<Server | string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    server.listen(port, host, () => resolve(server));
  });
}
