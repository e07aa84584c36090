import { readFileSync } from "node:fs";
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import type { Download } from "./downloads.js";
import type { Engine } from "./engine.js";
import { deepestRequest, keepAliveMs, readBody, readBytes } from "./connection-limits.js";
import { redirectToTls, servePage, serverName } from "./login-pages.js";
import { elementsOf, outlineOf } from "./raw-id.js";
import { contactPhotoAt } from "./rpc/contacts.js";
import { dispatch, filledParams } from "./rpc/dispatch.js";
import { RpcError, rpcCodes } from "./rpc/rpc-error.js";
import { serveDownload } from "./serve-download.js";
import type { Session } from "./sessions.js";
import { takeUpload } from "./upload.js";

/** The port of the administration: TLS; those who come without are answered before the set-up, and redirected after. */
export class AdminPort {
  private readonly sockets = new Set<Socket>();
  private readonly turns = new WeakMap<Socket, Promise<void>>();
  private readonly tcp: Server;
  private servers: { silence: number; secure: Server; plain: Server } | undefined;
  private busy = 0;
  private stopping = false;
  private awayUntil = 0;

  constructor(private readonly engine: Engine) {
    // Both protocols share the port: the first byte of a TLS connection is 22.
    this.tcp = createTcpServer((socket) => {
      const { silence, secure, plain } = this.serversNow();
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      socket.setTimeout(silence, () => socket.destroy());
      socket.once("data", (first) => {
        // From here on the server that takes the connection watches it.
        socket.setTimeout(0).pause();
        socket.unshift(first);
        (first[0] === 22 ? secure : plain).emit("connection", socket);
        process.nextTick(() => socket.resume());
      });
    });
  }

  // They listen nowhere and cost nothing; a TLS server takes its limit of silence only when it is made.
  private serversNow(): { silence: number; secure: Server; plain: Server } {
    const { engine } = this;
    const silence = engine.switches.number("silent-connection-seconds") * 1000;
    if (this.servers?.silence === silence) return this.servers;
    const { certificateFile, keyFile, adminPort } = engine.environment;
    // Clients that write their requests by hand leave out what they see no need for.
    const lenient = { requireHostHeader: false };
    const credentials = {
      cert: readFileSync(certificateFile),
      key: readFileSync(keyFile),
      handshakeTimeout: silence,
    };
    const secure = createServer({ ...credentials, ...lenient }, (request, response) =>
      this.serveInTurn(request, response),
    );
    const plain = createPlainServer(lenient, (request, response) => {
      if (engine.state.settings.setupFinished) redirectToTls(request, response, adminPort);
      else this.serveInTurn(request, response);
    });
    for (const server of [secure, plain]) Object.assign(server, { keepAliveTimeout: keepAliveMs, timeout: silence });
    secure.on("tlsClientError", (_, socket) => socket.destroy());
    return (this.servers = { silence, secure, plain });
  }

  /** Opens the port; rejects when it is taken. */
  listen(): Promise<void> {
    const { adminPort, host } = this.engine.environment;
    // A certificate that cannot be read keeps the engine from starting.
    this.serversNow();
    return new Promise((resolve, reject) => {
      this.tcp.once("error", reject);
      this.tcp.listen(adminPort, host, () => {
        this.tcp.off("error", reject);
        resolve();
      });
    });
  }

  /**
   * Cuts off who comes from now on, for so long at most: who asks again and again after a restart must meet the new
   * process, and not log in to the one that is about to go.
   */
  turnAway(ms: number): void {
    this.awayUntil = Date.now() + ms;
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

  /** Does what comes over one connection one after the other, also when the client does not wait for the answers. */
  private serveInTurn(request: IncomingMessage, response: ServerResponse): void {
    // A request that was cut off has none any more.
    const { socket } = request;
    const turn = (this.turns.get(socket) ?? Promise.resolve()).then(() => this.serve(request, response, socket));
    this.turns.set(socket, turn);
  }

  private async serve(request: IncomingMessage, response: ServerResponse, socket: Socket): Promise<void> {
    if (Date.now() < this.awayUntil) return void response.destroy();
    this.busy += 1;
    try {
      const path = pathOf(request.url ?? "");
      const file = request.method === "POST" ? undefined : this.downloadAt(request, path);
      if (request.method === "POST" && path === "/admin/api/jsonrpc") await this.answerCall(request, response);
      else if (request.method === "POST" && path === "/admin/api/jsonrpc/upload")
        await this.answerUpload(request, response);
      else if (file) serveDownload(request, response, file);
      else await servePage(this.engine, request, response, path);
    } catch (error) {
      this.engine.truth.write("engine", { event: "connection lost", reason: String(error) });
      socket.destroy();
    } finally {
      this.busy -= 1;
    }
  }

  private readonly isTooLong = (bytes: number): boolean =>
    this.engine.switches.isBeyond("largest-request-bytes", bytes);

  private async answerUpload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { engine } = this;
    const body = await readBytes(request, this.isTooLong);
    const session = this.sessionOf(request, "upload");
    const result = session && body ? await takeUpload(engine, request, body) : undefined;
    const refused = !session
      ? new RpcError(rpcCodes.sessionExpired, "The user is not logged in.")
      : engine.faults.take("refuse", "upload") || !result
        ? RpcError.failed("The file cannot be uploaded.")
        : undefined;
    engine.truth.write("calls", { user: session?.login ?? "", method: "upload", params: {}, code: refused?.code ?? 0 });
    this.send(response, "null", refused ? { error: refused.asCallError(engine.switches) } : { result });
  }

  // Fetched by the browser itself, which sends the cookie and no token.
  private downloadAt(request: IncomingMessage, path: string): Download | undefined {
    const { engine } = this;
    const session = this.ofCookie(request);
    const file = session && (engine.downloads.at(path) ?? contactPhotoAt(engine, path));
    if (session && file) engine.sessions.touch(session);
    return file;
  }

  private ofCookie(request: IncomingMessage): Session | undefined {
    const id = this.engine.sessions.idIn(this.engine, request.headers.cookie);
    return this.engine.sessions.ofCookie(this.engine, id, request.socket.remoteAddress ?? "");
  }

  private async answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { engine } = this;
    const body = await readBody(request, this.isTooLong);
    if (body === undefined) {
      this.send(response, "null", { error: new RpcError(413, "Request too large").asCallError(engine.switches) });
      return;
    }
    const parts = callsIn(body);
    const calls = parts && engine.switches.of("batch-arrays") === "answered" ? parts : undefined;
    const texts: string[] = [];
    const headers: Headers = {};
    for (const text of calls ?? [body]) {
      const reply = await this.replyTo(text, request);
      if (typeof reply === "function") return reply(response);
      texts.push(reply.text);
      Object.assign(headers, reply.headers);
    }
    this.sendText(response, calls ? `[${texts.join(",")}]` : texts.join(), headers);
  }

  /** The answer to one call, or the way in which the exchange ends without one. */
  private async replyTo(body: string, request: IncomingMessage): Promise<Reply | Ending> {
    const { engine } = this;
    const { id = "null", depth } = outlineOf(body);
    const call = depth > deepestRequest ? new RpcError(rpcCodes.invalidRequest, "Invalid request") : parse(body);
    if (call instanceof RpcError)
      return { text: framed(id, { error: call.asCallError(engine.switches) }), headers: {} };
    const cut: Ending = (response) => void response.destroy();
    if (this.stopping || engine.faults.take("drop-before", call.method)) return cut;
    const late = engine.faults.take("delay", call.method);
    if (late) await engine.faults.delay(late.ms ?? 1000);
    const session = this.sessionOf(request, call.method);
    const cookie = session ? undefined : this.cookieOf(request);
    const clientAddress = request.socket.remoteAddress ?? "";
    const answer = await dispatch(engine, { ...call, session, clientAddress, ...(cookie && { cookie }) });
    if (engine.faults.take("drop-after", call.method)) return cut;
    if (answer.hang) return () => {};
    const tooLate = engine.faults.take("refuse-after", call.method);
    if (tooLate) {
      const { code = rpcCodes.requestTimeout, message = "Request timeout" } = tooLate;
      return { text: framed(id, { error: new RpcError(code, message).asCallError(engine.switches) }), headers: {} };
    }
    if (engine.faults.take("http-200-garbage", call.method)) return sendGarbage;
    const { headers, result, error } = answer;
    return { text: framed(id, error ? { error } : { result }), headers };
  }

  private sessionOf(request: IncomingMessage, method: string): Session | undefined {
    const { engine } = this;
    const token = request.headers["x-token"];
    const id = engine.sessions.idIn(engine, request.headers.cookie, token);
    if (id === undefined || typeof token !== "string") return undefined;
    if (engine.faults.take("expire-session", method)) engine.sessions.close(id);
    return engine.sessions.find(engine, id, token, request.socket.remoteAddress ?? "");
  }

  /** What a cookie is worth that belongs to no session, or comes without the session's token. */
  private cookieOf(request: IncomingMessage): "ended" | "without-token" | undefined {
    if (this.engine.sessions.idIn(this.engine, request.headers.cookie) === undefined) return undefined;
    return this.ofCookie(request) ? "without-token" : "ended";
  }

  private send(response: ServerResponse, id: string, content: Content): void {
    this.sendText(response, framed(id, content), {});
  }

  private sendText(response: ServerResponse, text: string, headers: Headers): void {
    response.writeHead(200, "OK", {
      ...headers,
      "Content-Type": "application/json-rpc",
      "Content-Length": Buffer.byteLength(text),
      Server: serverName,
      "X-UA-Compatible": "IE=edge",
      ...(this.stopping || this.engine.switches.of("connection-after-answer") === "closed"
        ? { Connection: "close" }
        : {}),
    });
    response.end(text);
  }
}

type Headers = Record<string, string | string[]>;
type Content = { result?: unknown; error?: object };
type Reply = { text: string; headers: Headers };
type Ending = (response: ServerResponse) => void;

function framed(id: string, content: Content): string {
  const [member, value] = content.error ? ["error", content.error] : ["result", content.result ?? {}];
  return `{"jsonrpc":"2.0","id":${id},"${member}":${JSON.stringify(value)}}`;
}

function sendGarbage(response: ServerResponse): void {
  const text = "<html><body>it works</body></html>";
  response.writeHead(200, { "Content-Type": "text/html", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

/** The calls of an array as they were written; undefined where the body is none, or an empty one, which is no request. */
function callsIn(body: string): string[] | undefined {
  if (!/^\s*\[/.test(body) || outlineOf(body).depth > deepestRequest) return undefined;
  const calls = valueOf(body);
  return Array.isArray(calls) && calls.length > 0 ? elementsOf(body) : undefined;
}

function valueOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** A Python client puts a slash of its own before `upload`, whatever the path ends in. */
function pathOf(url: string): string {
  const [path = ""] = url.split("?");
  return path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}

function parse(body: string): { method: string; params: unknown } | RpcError {
  try {
    const call = parsed(body) as { method?: unknown; params?: unknown } | null;
    if (call === null || typeof call !== "object" || typeof call.method !== "string") {
      return new RpcError(rpcCodes.invalidRequest, "Invalid request");
    }
    return { method: call.method, params: filledParams(call.params) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new RpcError(rpcCodes.parseError, "Parse error");
  }
}

/** No row may take its prototype from a request, nor what no file can hold: half of a character. */
function parsed(body: string): unknown {
  if (!/__proto__|\\ud[89a-f]/i.test(body)) return JSON.parse(body);
  return JSON.parse(body, (name, value: unknown) => {
    if (name === "__proto__") return undefined;
    return typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value;
  });
}
