import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { connect, type TLSSocket } from "node:tls";

/** One HTTP request, as it is to be sent. */
export interface WireRequest {
  /** The default is `POST`. */
  method?: string;
  /** The default is the API's. */
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Milliseconds until it counts as not answered; the default is 30,000. */
  limitMs?: number;
}

/** One HTTP answer, as it came. */
export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** The server gave no answer in time, or ended the connection without one. */
export class NoAnswer extends Error {}

/** The path of the API. */
export const apiPath = "/admin/api/jsonrpc/";

/** HTTPS to one server, with nothing added and nothing judged. */
export class Wire {
  constructor(private readonly server: { url: string; ca?: string }) {}

  /** Sends a request on a connection of its own. Throws {@link NoAnswer}. */
  exchange({ method = "POST", path = apiPath, headers = {}, body = "", limitMs = 30_000 }: WireRequest) {
    const tls = { agent: false as const, ...(this.server.ca !== undefined && { ca: this.server.ca }) };
    const length = method === "GET" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    return new Promise<WireAnswer>((resolve, reject) => {
      const fail = (error: Error) => (clearTimeout(timer), reject(new NoAnswer(error.message, { cause: error })));
      const call = request(
        `${this.server.url}${path}`,
        { method, headers: { ...length, ...headers }, ...tls },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => (text += part));
          response.on("error", fail);
          response.on("end", () => {
            clearTimeout(timer);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
        },
      );
      const timer = setTimeout(() => call.destroy(new Error(`no answer in ${limitMs / 1000} s`)), limitMs);
      call.on("error", fail);
      call.end(body);
    });
  }

  /** A connection with TLS on which nothing has been sent. */
  connect(): Promise<TLSSocket> {
    const { hostname, port } = new URL(this.server.url);
    const name = /^[\d.:[\]]+$/.test(hostname) ? {} : { servername: hostname };
    return new Promise((resolve, reject) => {
      const socket = connect(
        {
          host: hostname,
          port: Number(port || 443),
          ...name,
          ...(this.server.ca !== undefined && { ca: this.server.ca }),
        },
        () => resolve(socket.off("error", reject)),
      );
      socket.once("error", reject);
    });
  }
}
