import { readFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { StandInInfo } from "../simulator/host/stand-in";

/** One connection, byte by byte. */
export interface RawSocket {
  write(text: string | Buffer): void;
  /** All text received so far. */
  text(): string;
  /** Resolves once the text fits; rejects when the server closes before, or after ten seconds. */
  until(fits: (text: string) => boolean): Promise<string>;
  /** Resolves with all text once the server has closed; rejects after the limit. */
  closed(limitMs?: number): Promise<string>;
  end(): void;
}

/**
 * Connects with TLS (checked against the stand-in's authority) or without, to the administration unless another port is
 * given; resolves once that is done.
 */
export async function rawSocket(
  info: StandInInfo,
  tls = true,
  port = Number(new URL(info.adminUrl).port),
): Promise<RawSocket> {
  const socket: Socket = tls
    ? connectTls({ port, host: "127.0.0.1", ca: readFileSync(info.caFile) })
    : connectPlain(port, "127.0.0.1");
  let text = "";
  let over = false;
  const waiting = new Set<() => void>();
  const look = () => waiting.forEach((each) => each());
  socket.setEncoding("latin1").on("data", (part: string) => ((text += part), look()));
  socket.on("error", () => socket.destroy());
  socket.once("close", () => ((over = true), look()));
  await new Promise((resolve) => socket.once(tls ? "secureConnect" : "connect", resolve));
  const wait = (done: () => boolean, limitMs: number, what: string) =>
    new Promise<string>((resolve, reject) => {
      const settle = (end: () => void) => (clearTimeout(timer), waiting.delete(check), end());
      const check = () => {
        if (done()) settle(() => resolve(text));
        else if (over) settle(() => reject(new Error(`closed while waiting for ${what}: ${text}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`not in ${limitMs} ms: ${what}; got: ${text}`))),
        limitMs,
      );
      waiting.add(check);
      check();
    });
  return {
    write: (part) => void socket.write(part),
    text: () => text,
    until: (fits) => wait(() => fits(text), 10_000, "an answer"),
    closed: (limitMs = 10_000) => wait(() => over, limitMs, "the end of the connection"),
    end: () => void socket.destroy(),
  };
}

/** A call as bytes. */
export function post(body: string, headers: string[] = [], path = "/admin/api/jsonrpc/"): string {
  const lines = [`POST ${path} HTTP/1.1`, "Host: localhost", `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
