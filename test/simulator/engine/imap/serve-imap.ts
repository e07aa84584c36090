import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Serve } from "../doors/door.js";
import type { Engine } from "../engine.js";
import type { ImapConnection } from "./imap-connection.js";

/** IMAP behind a port, plain or encrypted. A service that stops says goodbye. */
export function serveImap(engine: Engine, credentials: () => SecureContextOptions): Serve {
  return (socket, client) => {
    let connection: ImapConnection | undefined;
    // The parser takes longer to load than the rest of the engine, and most engines are never read from.
    void import("./imap-connection.js").then((module) => {
      if (socket.destroyed) return;
      const secured = () => (client.isSecure = true);
      connection = new module.ImapConnection(engine, socket, createSecureContext(credentials()), secured);
    });
    return () => {
      if (connection) connection.bye("the service stops");
      else socket.destroy();
    };
  };
}
