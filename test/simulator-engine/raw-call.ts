import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import type { StandInInfo } from "../simulator/host/stand-in";

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a body as it is to the administration, as a POST unless told otherwise; rejects when the connection is cut. */
export function rawCall(
  info: StandInInfo,
  body: string,
  options: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${info.adminUrl}${options.path ?? "/admin/api/jsonrpc/"}`,
      {
        method: options.method ?? "POST",
        headers: { "Content-Length": String(Buffer.byteLength(body)), ...options.headers },
        ca: readFileSync(info.caFile),
        agent: false,
        timeout: 10_000,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", reject);
    call.end(body);
  });
}

/** The body of a login. */
export function loginBody(info: StandInInfo, id: string, password = info.admin.password): string {
  const params = JSON.stringify({
    userName: info.admin.user,
    password,
    application: { name: "", vendor: "", version: "" },
  });
  return `{"jsonrpc":"2.0","id":${id},"method":"Session.login","params":${params}}\r\n`;
}

/** Logs in, and gives the headers with which further calls belong to the session. */
export async function sessionHeaders(info: StandInInfo): Promise<Record<string, string>> {
  const { text, headers } = await rawCall(info, loginBody(info, "1"));
  const { result } = JSON.parse(text) as { result: { token: string } };
  return { "X-Token": result.token, Cookie: (headers["set-cookie"] ?? []).join("; ") };
}
