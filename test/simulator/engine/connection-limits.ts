import type { IncomingMessage } from "node:http";

/** How long a kept connection waits for its next request. */
export const keepAliveMs = 60_000;

/** Requests that lie deeper than this are no calls of any client; JSON's own recursion would meet its end in them. */
export const deepestRequest = 200;

/** Whether a length in bytes is beyond the limit. */
export type IsTooLong = (bytes: number) => boolean;

/** The body of a request as text; undefined when it is longer than the limit. */
export async function readBody(request: IncomingMessage, isTooLong: IsTooLong): Promise<string | undefined> {
  return (await readBytes(request, isTooLong))?.toString("utf8");
}

/**
 * The body of a request; undefined when it is longer than the limit. What is over the limit is read and
 * thrown away, so that the client gets its answer, up to as much again: then the connection is cut.
 */
export async function readBytes(request: IncomingMessage, isTooLong: IsTooLong): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (isTooLong(length)) chunks.length = 0;
    else chunks.push(chunk as Buffer);
    if (isTooLong((length - 1_048_576) / 2)) throw new Error("the request does not end");
  }
  return isTooLong(length) ? undefined : Buffer.concat(chunks);
}
