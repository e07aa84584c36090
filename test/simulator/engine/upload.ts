import type { IncomingMessage } from "node:http";
import type { Engine } from "./engine.js";
import { newId } from "./ids.js";

/**
 * Takes the file of a multipart body in, whatever its part is called; it is kept until the engine stops or newer ones take its place. Gives the
 * `result` of the answer, or nothing when the body holds no file.
 */
export async function takeUpload(
  engine: Engine,
  request: IncomingMessage,
  body: Buffer,
): Promise<{ fileUpload: { id: string; name: string } } | undefined> {
  const headers = { "Content-Type": request.headers["content-type"] ?? "" };
  const form = await new Response(body, { headers }).formData().catch(() => undefined);
  const file = [...(form?.values() ?? [])].find((value) => typeof value !== "string");
  if (!file) return undefined;
  const id = newId("upload");
  engine.uploads.set(id, Buffer.from(await file.arrayBuffer()));
  return { fileUpload: { id, name: file.name } };
}
