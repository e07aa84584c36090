import type { IncomingMessage } from "node:http";

/** How long a kept connection waits for its next request. */
export const keepAliveMs = 60_000;

/** Requests that lie deeper than this are no calls of any client; JSON's own recursion would meet its end in them. */
export const deepestRequest = 200;

/** The body of a request as text; undefined when it is longer than the limit. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  return (await readBytes(request, limit))?.toString("utf8");
}

/**
 * The body of a request; undefined when it is longer than the limit. What is over the limit is read and
 * thrown away, so that the client gets its answer, up to as much again: then the connection is cut.
 */
export async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= limit) chunks.push(chunk as Buffer);
    else chunks.length = 0;
    if (length > 2 * limit + 1_048_576) throw new Error("the request does not end");
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}
