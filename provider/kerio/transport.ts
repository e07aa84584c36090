/**
 * One HTTPS exchange with the Administration API, and the translation of everything that can go wrong on the wire
 * into our errors. Nothing above this file sees an axios error; nothing of a request (its body may hold a password)
 * is ever attached to an error.
 */
import * as https from "node:https";
import * as tls from "node:tls";
import { X509Certificate } from "node:crypto";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import axios, { type AxiosResponse } from "axios";
import { KerioError } from "../errors";
import { settingCommand, settingKey, type ApiSettings } from "./api-settings";

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
  private readonly kept: https.Agent;
  private readonly single: https.Agent;

  constructor(
    private readonly settings: ApiSettings,
    options: { keepAlive?: boolean } = {},
  ) {
    // Explicit, because the environment can otherwise turn the verification off for the whole process.
    const trust = { ca: settings.ca, rejectUnauthorized: true, checkServerIdentity: identityCheck(settings.ca) };
    this.kept = new https.Agent({ ...trust, keepAlive: options.keepAlive ?? true, maxSockets: 8 });
    this.single = new https.Agent({ ...trust, keepAlive: false });
  }

  /**
   * Sends one request and reads the whole answer.
   * @throws KerioError CONNECTION_FAILED and CERTIFICATE_UNTRUSTED (nothing sent), OUTCOME_UNKNOWN, TIMEOUT
   */
  async post(exchange: Exchange): Promise<Answer> {
    const isForm = typeof exchange.body !== "string";
    const progress: Progress = { connected: false, connectTimedOut: false, timedOut: false };
    const control = new AbortController();
    const timer = setTimeout(() => {
      progress.timedOut = true;
      control.abort();
    }, exchange.timeout * 1000);
    const abort = () => control.abort();
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
        httpsAgent: exchange.fresh ? this.single : this.kept,
        transport: watched(progress, this.settings.timeouts.connect * 1000),
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
      const why = progress.connectTimedOut
        ? `no connection to ${url} within ${connect} s`
        : exchange.signal?.aborted
          ? `the call to ${url} was given up before it was connected`
          : progress.timedOut
            ? `no connection to ${url} within ${exchange.timeout} s`
            : `no connection to ${url}: ${wire.clean.message}`;
      return new KerioError("CONNECTION_FAILED", {
        object,
        doing,
        happened: why,
        next: `Check ${settingKey("url", this.settings.name)} and that the mail server is running and reachable from here.`,
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

/** How far a request got. Before the TLS handshake is done nothing of the request has left this machine. */
interface Progress {
  connected: boolean;
  connectTimedOut: boolean;
  timedOut: boolean;
}

/** Node's own https, watched: the only place that can tell "never sent" from "sent and not answered". */
function watched(progress: Progress, connectTimeout: number) {
  return {
    request(options: RequestOptions, callback: (response: IncomingMessage) => void): ClientRequest {
      const request = https.request(options, callback);
      const timer = setTimeout(() => {
        progress.connectTimedOut = true;
        request.destroy(new Error("connecting took too long"));
      }, connectTimeout);
      const connected = () => {
        progress.connected = true;
        clearTimeout(timer);
      };
      request.once("socket", (socket) => {
        if (request.reusedSocket) connected();
        else socket.once("secureConnect", connected);
      });
      request.once("close", () => clearTimeout(timer));
      return request;
    },
  };
}

/**
 * A certificate that stands in the trusted file itself is the server's own, whatever name it bears: self-signed ones
 * are often made for another name than the one in use. Every other certificate must bear the host's name.
 */
function identityCheck(ca: string | undefined): typeof tls.checkServerIdentity {
  const pinned = new Set(pemCertificates(ca).map((certificate) => certificate.fingerprint256));
  return (host, peer) => (pinned.has(peer.fingerprint256) ? undefined : tls.checkServerIdentity(host, peer));
}

/**
 * The certificates in a PEM text, in its order.
 * @throws Error when one of them cannot be parsed
 */
export function pemCertificates(text: string | undefined): X509Certificate[] {
  const blocks = text?.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
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

const certificateProblems: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not trusted",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  CERT_UNTRUSTED: "its authority is not trusted",
  CERT_REJECTED: "it is rejected",
  CERT_REVOKED: "it is revoked",
  INVALID_CA: "its authority may not sign certificates",
  INVALID_PURPOSE: "it is not made for servers",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  HOSTNAME_MISMATCH: "it is made for another name",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is made for another name",
};

function certificateProblem(code: string): string | undefined {
  return certificateProblems[code];
}

function certificateAdvice(code: string, settings: ApiSettings): string {
  if (code === "CERT_HAS_EXPIRED") return "Renew the certificate of the mail server.";
  if (code === "CERT_NOT_YET_VALID") return "Compare the clocks of this machine and of the mail server.";
  const command = settingCommand("caFile", settings.name, { example: "ca.pem" });
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    const url = settingKey("url", settings.name);
    return `Use a name the certificate bears in ${url}, or pin the server's own certificate: ${command}.`;
  }
  return `Save the certificate of its authority (or the server's own, when it is self-signed) as a PEM file and name it: ${command}.`;
}
