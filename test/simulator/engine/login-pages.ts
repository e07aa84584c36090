import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "./connection-limits.js";
import type { Engine } from "./engine.js";
import { sessionCookies } from "./rpc/session.js";
import { logIn } from "./rpc/log-in.js";
import { RpcError } from "./rpc/rpc-error.js";

const largestForm = 65_536;

/**
 * What a browser asks for: the entry, the form at `/admin/login/`, and `/admin/login/dologin`, which takes the form,
 * sets both cookies and leads to the entry. The form's token comes with the page, as a field and as a cookie.
 */
export async function servePage(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const reading = request.method === "GET" || request.method === "HEAD";
  if (path === "/admin/login/dologin" && request.method === "POST") return takeForm(engine, request, response);
  if (!reading) return answer(response, 404, "Not found");
  if (path === "" || path === "/admin/login/dologin") return redirect(response, "/admin/");
  if (path === "/admin") {
    if (!engine.state.settings.setupFinished) return answer(response, 200, page("Set-up", "The server is not set up."));
    const id = engine.sessions.idIn(engine, request.headers.cookie);
    const session = engine.sessions.ofCookie(engine, id, request.socket.remoteAddress ?? "");
    if (!session) return redirect(response, "/admin/login/");
    return answer(response, 200, page("Administration", `Logged in as ${escaped(session.login)}.`));
  }
  if (path === "/admin/login") return showForm(response);
  return answer(response, 404, page("Not found", "Nothing is here."));
}

/** Sends those who come without TLS to the same place with it. */
export function redirectToTls(request: IncomingMessage, response: ServerResponse, port: number): void {
  const name = (request.headers.host ?? "localhost").replace(/:\d*$/, "");
  redirect(response, `https://${name}:${port}${request.url ?? "/"}`, { Connection: "close" });
}

function showForm(response: ServerResponse): void {
  const token = randomBytes(32).toString("hex");
  const form = `<form method="post" action="/admin/login/dologin">
<input name="kerio_username"><input type="password" name="kerio_password">
<input type="hidden" name="kerio_csrf_token" value="${token}"><input type="submit" value="Login">
</form>`;
  // The name of the form's own cookie is not known; the token's cookie is the one a double submit is made with.
  const cookies = [
    `TOKEN_CONNECT_WEBADMIN=${token}; path=/admin/; secure`,
    `kerio_csrf_token=${token}; path=/admin/; secure`,
  ];
  answer(response, 200, page("Login", form), { "Set-Cookie": cookies });
}

async function takeForm(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams((await readBody(request, (bytes) => bytes > largestForm)) ?? "");
  const cookies = request.headers.cookie ?? "";
  const held = /(?:^|[;,\s])(?:kerio_csrf_token|TOKEN_CONNECT_WEBADMIN)=(\w+)/g;
  const tokens = [...cookies.matchAll(held)].map((match) => match[1]);
  const sent = form.get("kerio_csrf_token");
  const demanded = engine.switches.of("form-token") === "demanded";
  if (sent === null || sent === "" ? demanded : !tokens.includes(sent)) return redirect(response, failed);
  try {
    const address = request.socket.remoteAddress ?? "";
    const opened = logIn(engine, form.get("kerio_username") ?? "", form.get("kerio_password") ?? "", address);
    redirect(response, "/admin/", { "Set-Cookie": sessionCookies(opened) });
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    redirect(response, failed);
  }
}

const failed = "/admin/login/?reason=failed";

type Headers = Record<string, string | string[]>;

function redirect(response: ServerResponse, location: string, headers: Headers = {}): void {
  response.writeHead(302, "Found", { ...headers, Location: location, "Content-Length": "0", Server: serverName });
  response.end();
}

function answer(response: ServerResponse, status: number, text: string, headers: Headers = {}): void {
  response.writeHead(status, {
    ...headers,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(text)),
    Server: serverName,
  });
  response.end(text);
}

/** How the server calls itself in its headers. */
export const serverName = "Kerio Connect 10.0.9";

function page(title: string, body: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>${body}</body></html>\n`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
