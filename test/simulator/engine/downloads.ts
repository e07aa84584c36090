import { randomBytes } from "node:crypto";
import { NewestMap } from "./newest-map.js";

/** A file made for a client to fetch. */
export interface Download {
  name: string;
  content: Buffer;
}

/** How the API names such a file in `fileDownload`. */
export interface FileDownload {
  url: string;
  name: string;
  length: number;
}

const most = 100;

/** Files that wait for their client: the newest hundred, until the engine stops. */
export class Downloads {
  private readonly files = new NewestMap<string, Download>(most);

  /** Keeps a file; its address can be fetched with the session's cookie. */
  add(name: string, content: string | Buffer): FileDownload {
    const key = randomBytes(16).toString("hex");
    const file = { name: name.replace(/[^\w.@ -]/g, "_"), content: Buffer.from(content) };
    this.files.set(key, file);
    return {
      url: `${downloadPath}${key}/${encodeURIComponent(file.name)}`,
      name: file.name,
      length: file.content.length,
    };
  }

  /** The file at this path of the administration, or undefined. */
  at(path: string): Download | undefined {
    if (!path.startsWith(downloadPath)) return undefined;
    return this.files.get(path.slice(downloadPath.length).split("/")[0] ?? "");
  }

  /** Forgets the file at this address; false when there is none. */
  remove(url: string): boolean {
    return this.files.delete(url.slice(downloadPath.length).split("/")[0] ?? "");
  }
}

/** Where such files lie. */
export const downloadPath = "/admin/api/jsonrpc/download/";
