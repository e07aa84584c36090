import { readFileSync } from "node:fs";
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Engine } from "./engine.js";
import { rawId } from "./raw-id.js";
import { dispatch } from "./rpc/dispatch.js";
import { RpcError, rpcCodes } from "./rpc/rpc-error.js";
import type { Session } from "./sessions.js";

const largestBody = 64 * 1024 * 1024;

/** The port of the administration: TLS, and a friendly word for those who come without. */
export class AdminPort {
  private readonly sockets = new Set<Socket>();
  private readonly tcp: Server;
  private busy = 0;
  private stopping = false;

  constructor(private readonly engine: Engine) {
    const { certificateFile, keyFile } = engine.environment;
    const credentials = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    const secure = createServer(credentials, (request, response) => void this.serve(request, response));
    const plain = createPlainServer((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html", Connection: "close" });
      response.end("<html><body>The administration speaks HTTPS.</body></html>");
    });
    // Both protocols share the port: the first byte of a TLS connection is 22.
    this.tcp = createTcpServer((socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      socket.once("data", (first) => {
        socket.pause();
        socket.unshift(first);
        (first[0] === 22 ? secure : plain).emit("connection", socket);
        process.nextTick(() => socket.resume());
      });
    });
    secure.keepAliveTimeout = 60_000;
    secure.on("tlsClientError", (_, socket) => socket.destroy());
  }

  /** Opens the port; rejects when it is taken. */
  listen(): Promise<void> {
    const { adminPort, host } = this.engine.environment;
    return new Promise((resolve, reject) => {
      this.tcp.once("error", reject);
      this.tcp.listen(adminPort, host, () => {
        this.tcp.off("error", reject);
        resolve();
      });
    });
  }

  /** Takes no new calls, lets running ones end (two seconds at most), closes every connection. */
  async close(): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.tcp.close(() => resolve()));
    const limit = Date.now() + 2000;
    while (this.busy > 0 && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.busy += 1;
    try {
      const path = (request.url ?? "").split("?")[0]?.replace(/\/+$/, "") ?? "";
      if (request.method !== "POST" || path !== "/admin/api/jsonrpc") {
        response.writeHead(request.method === "GET" && path === "/admin" ? 200 : 404, { "Content-Length": 0 });
        response.end();
        return;
      }
      await this.answerCall(request, response);
    } catch (error) {
      this.engine.truth.write("engine", { event: "connection lost", reason: String(error) });
      request.socket.destroy();
    } finally {
      this.busy -= 1;
    }
  }

  private async answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    if (body === undefined) {
      this.send(response, "null", { error: new RpcError(413, "Request too large").asCallError() });
      return;
    }
    const { engine } = this;
    const call = parse(body);
    if (call instanceof RpcError) {
      this.send(response, rawId(body) ?? "null", { error: call.asCallError() });
      return;
    }
    const cut = () => request.socket.destroy();
    if (this.stopping || engine.faults.take("drop-before", call.method)) return void cut();
    const late = engine.faults.take("delay", call.method);
    if (late) await new Promise((resolve) => setTimeout(resolve, late.ms ?? 1000));
    const session = this.sessionOf(request, call.method);
    const answer = await dispatch(engine, { ...call, session });
    if (engine.faults.take("drop-after", call.method)) return void cut();
    if (answer.hang) return;
    if (engine.faults.take("http-200-garbage", call.method)) {
      const text = "<html><body>it works</body></html>";
      response.writeHead(200, { "Content-Type": "text/html", "Content-Length": Buffer.byteLength(text) });
      response.end(text);
      return;
    }
    const { headers, result, error } = answer;
    this.send(response, rawId(body) ?? "null", error ? { error } : { result }, headers);
  }

  // Cookie headers come in many forms, also with the attributes of Set-Cookie in them; the session's is enough.
  private sessionOf(request: IncomingMessage, method: string): Session | undefined {
    const { engine } = this;
    const id = /SESSION_CONNECT_WEBADMIN=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
    const token = request.headers["x-token"];
    if (id === undefined || typeof token !== "string") return undefined;
    if (engine.faults.take("expire-session", method)) engine.sessions.close(id);
    return engine.sessions.find(id, token, engine.state.settings.sessionIdleMinutes);
  }

  private send(
    response: ServerResponse,
    id: string,
    content: { result?: unknown; error?: object },
    headers: Record<string, string | string[]> = {},
  ): void {
    const [member, value] = content.error ? ["error", content.error] : ["result", content.result ?? {}];
    const text = `{"jsonrpc":"2.0","id":${id},"${member}":${JSON.stringify(value)}}`;
    response.writeHead(200, "OK", {
      ...headers,
      "Content-Type": "application/json-rpc",
      "Content-Length": Buffer.byteLength(text),
      Server: "Kerio Connect 10.0.9",
      "X-UA-Compatible": "IE=edge",
      ...(this.stopping ? { Connection: "close" } : {}),
    });
    response.end(text);
  }
}

function parse(body: string): { method: string; params: unknown } | RpcError {
  try {
    const call = JSON.parse(body) as { method?: unknown; params?: unknown } | null;
    if (call === null || typeof call !== "object" || typeof call.method !== "string") {
      return new RpcError(rpcCodes.invalidRequest, "Invalid request");
    }
    return {
      method: call.method,
      params: call.params === undefined || call.params === null || call.params === "" ? {} : call.params,
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new RpcError(rpcCodes.parseError, "Parse error");
  }
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= largestBody) chunks.push(chunk as Buffer);
  }
  return length > largestBody ? undefined : Buffer.concat(chunks).toString("utf8");
}
