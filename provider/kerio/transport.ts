/**
 * One HTTPS exchange with the Administration API, and the translation of everything that can go wrong on the wire
 * into our errors. Nothing above this file sees an axios error; nothing of a request (its body may hold a password)
 * is ever attached to an error.
 */
import * as https from "node:https";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import axios, { type AxiosResponse } from "axios";
import { KerioError } from "../errors";
import { settingKey } from "../setting-key";
import type { ApiSettings } from "./api-settings";
import { certificateAdvice, certificateProblem, identityCheck } from "./certificates";
import { connectTimeout, SecureAgent } from "./secure-agent";
import type { Fence } from "./write-fence";

/** One exchange. */
export interface Exchange {
  /** The text of a call, or a form that uploads a file. */
  body: string | FormData;
  headers: Record<string, string>;
  /** Seconds from the start of the connection to the end of the answer. */
  timeout: number;
  /** A write travels on a connection of its own: one kept open may die just as it is used, and nobody could tell. */
  fresh: boolean;
  signal?: AbortSignal;
  /** Until when it may be sent, and be on its way without an answer. */
  fence?: Fence;
  /** For the errors. */
  object: string;
  doing: string;
}

/** What came back, whatever its status. */
export interface Answer {
  status: number;
  text: string;
  setCookies: string[];
}

/** The wire to one server. */
export class Transport {
  private readonly kept: SecureAgent;
  private readonly single: SecureAgent;

  constructor(
    private readonly settings: ApiSettings,
    options: { keepAlive?: boolean } = {},
  ) {
    // Explicit, because the environment can otherwise turn the verification off for the whole process.
    const trust = { ca: settings.ca, rejectUnauthorized: true, checkServerIdentity: identityCheck(settings.ca) };
    const { connect } = settings.timeouts;
    this.kept = new SecureAgent({ ...trust, keepAlive: options.keepAlive ?? true, maxSockets: 8 }, connect);
    this.single = new SecureAgent({ ...trust, keepAlive: false }, connect);
  }

  /**
   * Sends one request and reads the whole answer.
   * @throws KerioError CONNECTION_FAILED and CERTIFICATE_UNTRUSTED (nothing sent), OUTCOME_UNKNOWN, TIMEOUT
   */
  async post(exchange: Exchange): Promise<Answer> {
    const isForm = typeof exchange.body !== "string";
    const progress: Progress = { connected: false, tooLate: false, timedOut: false };
    const control = new AbortController();
    const timer = setTimeout(() => {
      progress.timedOut = true;
      control.abort();
    }, exchange.timeout * 1000);
    const abort = () => control.abort();
    const agent = exchange.fresh ? this.single : this.kept;
    exchange.signal?.addEventListener("abort", abort, { once: true });
    if (exchange.signal?.aborted) control.abort();
    try {
      const response: AxiosResponse<string> = await axios.request<string>({
        method: "POST",
        url: `${this.settings.url}/admin/api/jsonrpc/${isForm ? "upload/" : ""}`,
        data: exchange.body,
        headers: {
          // A form's own type names the boundary of its parts.
          ...(isForm ? {} : { "Content-Type": "application/json-rpc; charset=UTF-8" }),
          Accept: "application/json-rpc",
          "User-Agent": "pulumi-kerio",
          ...exchange.headers,
        },
        adapter: "http",
        httpsAgent: agent,
        transport: watched(progress, agent, exchange.fence),
        proxy: false,
        maxRedirects: 0,
        responseType: "text",
        transformRequest: [(data: unknown) => data],
        transformResponse: [(data: unknown) => data],
        validateStatus: () => true,
        signal: control.signal,
      });
      const cookies: unknown = response.headers["set-cookie"];
      return {
        status: response.status,
        text: typeof response.data === "string" ? response.data : "",
        setCookies: Array.isArray(cookies) ? cookies.map(String) : [],
      };
    } catch (error) {
      throw this.translate(error, exchange, progress);
    } finally {
      clearTimeout(timer);
      exchange.signal?.removeEventListener("abort", abort);
    }
  }

  /** Closes every connection, those in use too. Later exchanges open new ones. */
  close(): void {
    this.kept.destroy();
    this.single.destroy();
  }

  private translate(error: unknown, exchange: Exchange, progress: Progress): KerioError {
    const { object, doing } = exchange;
    const wire = wireError(error);
    const url = this.settings.url;
    if (!progress.connected) {
      const certificate = certificateProblem(wire.code);
      if (certificate) {
        return new KerioError("CERTIFICATE_UNTRUSTED", {
          object,
          doing,
          happened: `the certificate of ${url} is not accepted: ${certificate} (${wire.code})`,
          next: certificateAdvice(wire.code, this.settings),
          cause: wire.clean,
        });
      }
      const { connect } = this.settings.timeouts;
      const why =
        wire.code === connectTimeout
          ? `no connection to ${url} within ${connect} s`
          : progress.tooLate
            ? `the connection to ${url} was ready only when this run may no longer have held the mail host, so nothing was sent`
            : exchange.signal?.aborted
              ? `the call to ${url} was given up before it was connected`
              : progress.timedOut
                ? `no connection to ${url} within ${exchange.timeout} s`
                : `no connection to ${url}: ${reasonOf(wire.clean.message)}`;
      return new KerioError("CONNECTION_FAILED", {
        object,
        doing,
        happened: why,
        next: `Check ${settingKey("url", this.settings.name)} and that the mail server is running and reachable from here.`,
        cause: wire.clean,
      });
    }
    if (progress.tooLate) {
      return new KerioError("TIMEOUT", {
        object,
        doing,
        happened: `${url} did not answer while this run surely held the mail host, so the call was broken off; it is unknown whether it took effect`,
        outcome: "unknown",
        cause: wire.clean,
      });
    }
    if (progress.timedOut || exchange.signal?.aborted) {
      return new KerioError("TIMEOUT", {
        object,
        doing,
        happened: progress.timedOut
          ? `${url} did not answer within ${exchange.timeout} s, so it is unknown whether the call took effect`
          : `the call to ${url} was given up before its answer came, so it is unknown whether it took effect`,
        outcome: "unknown",
        cause: wire.clean,
      });
    }
    return new KerioError("OUTCOME_UNKNOWN", {
      object,
      doing,
      happened: `the connection to ${url} was lost after the request had been sent (${wire.clean.message})`,
      outcome: "unknown",
      cause: wire.clean,
    });
  }
}

/** Words for a person; those of OpenSSL have lines, and do not say that somebody else listens there. */
function reasonOf(message: string): string {
  if (/wrong version number|packet length too long|unknown protocol/i.test(message)) return "that port speaks no TLS";
  return message.replace(/\s+/g, " ").trim();
}

/** How far a request got. Before it has a connection nothing of it has left this machine. */
interface Progress {
  connected: boolean;
  /** The fence did not reach that far. */
  tooLate: boolean;
  timedOut: boolean;
}

/** Node's own https, watched: the only place that can tell "never sent" from "sent and not answered". */
function watched(progress: Progress, agent: SecureAgent, fence: Fence | undefined) {
  return {
    request(options: RequestOptions, callback: (response: IncomingMessage) => void): ClientRequest {
      const request = https.request(options, callback);
      request.once("socket", (socket) => {
        // Not a timer: a computer that wakes up handles what has arrived before any timer.
        if (fence && Date.now() >= fence.until()) {
          progress.tooLate = true;
          request.destroy(new Error("too late to be sent"));
          return;
        }
        progress.connected = true;
        if (!fence) return;
        const disarm = whenPassed(fence, () => {
          progress.tooLate = true;
          agent.reset(socket);
        });
        request.once("close", disarm);
      });
      return request;
    },
  };
}

/** Calls back once the fence is passed; what is answered stops that. */
function whenPassed(fence: Fence, passed: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const left = fence.until() - Date.now();
    if (left <= 0) passed();
    else timer = setTimeout(arm, left);
  };
  arm();
  return () => clearTimeout(timer);
}

/** The code and a copy of the error without the request that axios attaches to it. */
function wireError(error: unknown): { code: string; clean: Error } {
  const source = error instanceof Error ? error : new Error(String(error));
  const raw = (source as { code?: unknown }).code;
  const code = typeof raw === "string" ? raw : "";
  // Node reports several failed addresses of one name as an error without a text of its own.
  const text = source.message || code || "no reason given";
  return { code, clean: new Error(code && !text.includes(code) ? `${text} (${code})` : text) };
}
