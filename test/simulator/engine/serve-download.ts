import type { IncomingMessage, ServerResponse } from "node:http";
import type { Download } from "./downloads.js";

/** Sends a file that waits for its client, as an attachment and with its length. */
export function serveDownload(request: IncomingMessage, response: ServerResponse, file: Download): void {
  response.writeHead(200, "OK", {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(file.content.length),
    "Content-Disposition": `attachment; filename="${file.name.replaceAll('"', "")}"`,
  });
  response.end(request.method === "HEAD" ? undefined : file.content);
}
