import type { Server } from "../dynamic/servers";

/** One of what `make` makes for each server, made when it is first asked for and kept as long as the server is. */
export function perServer<T>(make: (server: Server) => T): (server: Server) => T {
  const made = new WeakMap<Server, T>();
  return (server) => {
    const one = made.get(server) ?? make(server);
    made.set(server, one);
    return one;
  };
}
