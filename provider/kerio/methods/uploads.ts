import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";

/** A file to upload. */
export interface UploadedFile {
  name: string;
  /** MIME type. */
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Uploads a file and gives the id under which other methods of the same session take it. Nothing uses the file until
 * one does, and a restart of the server forgets it.
 * @throws KerioError API_REFUSED
 */
export async function uploadFile(client: KerioClient, file: UploadedFile, options?: CallOptions): Promise<string> {
  const { fileUpload } = await client.call({
    method: "upload",
    form: () => {
      const form = new FormData();
      form.append("file", new Blob([file.bytes], { type: file.type }), file.name);
      return form;
    },
    reply: z.object({ fileUpload: z.object({ id: z.string().min(1) }) }),
    doing: `uploading ${file.name}`,
    object: `server ${client.settings.url}`,
    ...options,
  });
  return fileUpload.id;
}
