import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { address } from "./ports";

/** A request of the control door, its query and body read. */
export interface ControlRequest {
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** The answers by `METHOD path`; what a handler gives is sent as JSON, what it throws as an error text. */
export type ControlRoutes = Record<string, (request: ControlRequest) => unknown>;

/** An error with an HTTP status of its own. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The HTTP door for tests, on a free port of this machine, behind a random path. */
export class ControlDoor {
  private readonly token = randomBytes(16).toString("hex");
  private readonly server: Server;

  constructor(private readonly routes: ControlRoutes) {
    this.server = createServer((request, response) => void this.serve(request, response));
    // Node closes a quiet connection after five seconds, at the very moment perhaps at which a client uses it again.
    this.server.keepAliveTimeout = 60_000;
  }

  /** Opens the door and gives its address, `http://127.0.0.1:PORT/TOKEN`. */
  open(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, address, () => {
        const { port } = this.server.address() as AddressInfo;
        resolve(`http://${address}:${port}/${this.token}`);
      });
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value ?? null));
    };
    try {
      const url = new URL(request.url ?? "/", `http://${address}`);
      const [, token, ...rest] = url.pathname.split("/");
      const route = this.routes[`${request.method} ${rest.join("/")}`];
      if (token !== this.token || !route) return send(404, { error: "no such door" });
      const text = await textOf(request);
      const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
      send(200, await route({ query: url.searchParams, body }));
    } catch (error) {
      const status = error instanceof ControlError ? error.status : 500;
      send(status, { error: error instanceof Error ? error.message : String(error) });
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
