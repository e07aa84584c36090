import * as https from "node:https";
import * as net from "node:net";
import type { ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import type * as tls from "node:tls";

/** The code of the error of a connection that took too long. */
export const connectTimeout = "CONNECT_TIMEOUT";

type Created = (error: Error | null, socket: Duplex) => void;

/**
 * Node's agent, except that a request gets its connection only when the TLS handshake is done. Until then nothing of the
 * request can leave this machine, and whoever sends it can look once more whether it still may.
 */
export class SecureAgent extends https.Agent {
  private readonly opening = new Set<net.Socket>();
  private readonly wires = new WeakMap<object, net.Socket>();

  /** @param limit seconds in which a connection must be there */
  constructor(
    options: https.AgentOptions,
    private readonly limit: number,
  ) {
    super(options);
  }

  override createConnection(options: ClientRequestArgs, created?: Created): undefined {
    const { host, port, family, lookup, localAddress } = options;
    const wire = net.connect({
      host: host ?? "",
      port: Number(port),
      family: Number(family ?? 0),
      lookup,
      localAddress,
    });
    const secured = { ...options, socket: wire } as https.RequestOptions;
    const socket = super.createConnection(secured) as tls.TLSSocket;
    this.wires.set(socket, wire);
    this.opening.add(wire);
    const slow = Object.assign(new Error("connecting took too long"), { code: connectTimeout });
    const timer = setTimeout(() => socket.destroy(slow), this.limit * 1000);
    const settle = (error: Error | null) => {
      clearTimeout(timer);
      socket.off("error", settle).off("close", closed).off("secureConnect", secure);
      this.opening.delete(wire);
      // Whoever waits has been told; a second error of the same connection has nobody to tell.
      if (error) socket.on("error", () => {}).destroy();
      created?.(error, socket);
    };
    const secure = () => settle(null);
    const closed = () => settle(new Error("the connection was closed before it was ready"));
    socket.once("error", settle).once("close", closed).once("secureConnect", secure);
    return undefined;
  }

  /** Ends a connection so that nothing of what still waits to be sent arrives any more. */
  reset(socket: Duplex): void {
    this.wires.get(socket)?.resetAndDestroy();
    socket.destroy();
  }

  /** Also closes connections that are only being made. */
  override destroy(): void {
    for (const wire of this.opening) wire.destroy();
    super.destroy();
  }
}
