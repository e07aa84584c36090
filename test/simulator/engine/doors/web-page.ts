import type { IncomingMessage, ServerResponse } from "node:http";
import { serverName } from "../login-pages.js";

/**
 * What the services HTTP and Secure HTTP answer: the entry leads to the client for the browser, which is one page
 * without a function. Nothing takes a call here: a session of the administration is none of the client's.
 */
export function answerWeb(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const reading = request.method === "GET" || request.method === "HEAD";
  const text = "<!DOCTYPE html><html><head><title>Kerio Connect Client</title></head><body></body></html>\n";
  const headers = { Server: serverName, "Content-Type": "text/html; charset=UTF-8" };
  request.resume();
  if (reading && path === "/") response.writeHead(302, { ...headers, Location: "/webmail/", "Content-Length": 0 });
  else if (reading && /^\/webmail\/?$/.test(path)) {
    response.writeHead(200, { ...headers, "Content-Length": Buffer.byteLength(text) });
    if (request.method === "GET") response.write(text);
  } else response.writeHead(404, { ...headers, "Content-Length": 0 });
  response.end();
}
