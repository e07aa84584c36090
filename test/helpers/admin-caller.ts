import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { StandInInfo } from "../simulator/host/stand-in";

interface Reply {
  body: { result?: unknown; error?: { code: number; message: string } };
  cookies: string[];
}

const limitMs = 30_000;

/** An error that the server answered with. */
export class AdminCallError extends Error {
  constructor(
    method: string,
    readonly code: number,
    message: string,
  ) {
    super(`${method}: ${message} (${code})`);
  }
}

/**
 * The smallest client of the Admin API, for what a test changes by hand; on purpose not the provider's. Logs in at the
 * first call, and again whenever the session is over.
 */
export class AdminCaller {
  private session: { token: string; cookie: string } | undefined;
  private nextId = 1;

  constructor(private readonly info: Pick<StandInInfo, "adminUrl" | "caFile" | "admin">) {}

  /** Gives `result`; throws {@link AdminCallError} for an error of the server. */
  async call<T = Record<string, unknown>>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    this.session ??= await this.login();
    try {
      return (await this.send(method, params)).body.result as T;
    } catch (error) {
      if (!(error instanceof AdminCallError) || error.code !== -32001) throw error;
      this.session = await this.login();
      return (await this.send(method, params)).body.result as T;
    }
  }

  /** Uploads a file and gives its id. */
  async upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    // A file belongs to the session; a server that was restarted since knows neither.
    this.session = await this.login();
    const form = new FormData();
    form.append("file", new Blob([bytes]), name);
    const framed = new Request("http://form", { method: "POST", body: form });
    const type = framed.headers.get("Content-Type") ?? "";
    const { body } = await this.post(Buffer.from(await framed.arrayBuffer()), { path: "upload", type });
    if (body.error) throw new AdminCallError("upload", body.error.code, body.error.message);
    return (body.result as { fileUpload: { id: string } }).fileUpload.id;
  }

  private async login(): Promise<{ token: string; cookie: string }> {
    this.session = undefined;
    const { user, password } = this.info.admin;
    const application = { name: "Test by hand", vendor: "Test", version: "1" };
    const { body, cookies } = await this.send("Session.login", { userName: user, password, application });
    const { token } = body.result as { token: string };
    return { token, cookie: cookies.map((cookie) => cookie.split(";", 1)[0]).join("; ") };
  }

  private async send(method: string, params: Record<string, unknown>): Promise<Reply> {
    const text = JSON.stringify({ jsonrpc: "2.0", id: this.nextId++, method, params });
    const reply = await this.post(text);
    const { error } = reply.body;
    if (error) throw new AdminCallError(method, error.code, error.message);
    return reply;
  }

  private post(
    content: string | Buffer,
    { path = "", type = "application/json-rpc; charset=UTF-8" } = {},
  ): Promise<Reply> {
    const headers: Record<string, string | number> = {
      "Content-Type": type,
      Accept: "application/json-rpc",
      "Content-Length": Buffer.byteLength(content),
    };
    if (this.session) Object.assign(headers, { "X-Token": this.session.token, Cookie: this.session.cookie });
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.info.adminUrl}/admin/api/jsonrpc/${path}`,
        { method: "POST", headers, ca: readFileSync(this.info.caFile), agent: false, timeout: limitMs },
        (response) => {
          let answer = "";
          response.setEncoding("utf8").on("data", (part: string) => (answer += part));
          response.on("error", reject);
          response.on("end", () => {
            const cookies = response.headers["set-cookie"] ?? [];
            try {
              resolve({ body: JSON.parse(answer) as Reply["body"], cookies });
            } catch (error) {
              reject(new Error(`HTTP ${response.statusCode}, not JSON: ${answer.slice(0, 200)}`, { cause: error }));
            }
          });
        },
      );
      call.on("timeout", () => call.destroy(new Error(`no answer in ${limitMs / 1000} s`)));
      call.on("error", reject);
      call.end(content);
    });
  }
}
