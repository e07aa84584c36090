import { Busboy } from "@fastify/busboy";
import type { IncomingMessage } from "node:http";
import type { Engine } from "./engine.js";
import { newId } from "./ids.js";

/** A part of a form that holds a file. */
interface FilePart {
  name: string;
  bytes: Buffer;
}

/**
 * Takes the file of a multipart body in, whatever its part is called; it is kept until the engine stops or newer ones take its place. Gives the
 * `result` of the answer, or nothing when the body holds no file.
 */
export async function takeUpload(
  engine: Engine,
  request: IncomingMessage,
  body: Buffer,
): Promise<{ fileUpload: { id: string; name: string } } | undefined> {
  const [file] = await filesIn(request.headers["content-type"] ?? "", body).catch(() => []);
  if (!file) return undefined;
  const id = newId("upload");
  engine.uploads.set(id, file.bytes);
  return { fileUpload: { id, name: file.name } };
}

/** The files of a form: parts with the name of a file, else those with a type. Rejects where it is none. */
function filesIn(contentType: string, body: Buffer): Promise<FilePart[]> {
  return new Promise((resolve, reject) => {
    const named: FilePart[] = [];
    const typed: FilePart[] = [];
    const form = new Busboy({
      headers: { "content-type": contentType },
      isPartAFile: (_field, type, fileName) => fileName !== undefined || (type !== undefined && type !== "text/plain"),
    });
    form.on("file", (_field, stream, fileName: string | undefined) => {
      const chunks: Buffer[] = [];
      stream.on("error", reject);
      stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
      stream.on("end", () => {
        const part = { name: fileName ?? "", bytes: Buffer.concat(chunks) };
        (fileName === undefined ? typed : named).push(part);
      });
    });
    form.on("finish", () => resolve([...named, ...typed]));
    form.on("error", reject);
    form.end(body);
  });
}
