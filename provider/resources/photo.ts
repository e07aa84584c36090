import { createHash } from "node:crypto";
import { openSync, closeSync, fstatSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { UploadedFile } from "../kerio/methods/uploads";

/** Bytes that a photo may have. Address lists show it small, and every client of the company downloads it. */
export const largestPhoto = 1024 * 1024;

/** The first bytes of the forms that are taken. */
const forms = [
  { type: "image/jpeg", start: [0xff, 0xd8, 0xff] },
  { type: "image/png", start: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
] as const;

/** A photo read from its file, or why it cannot be used. */
export type PhotoFile = { ok: true; file: UploadedFile; hash: string } | { ok: false; problem: string };

/**
 * Reads a photo.
 *
 * @param path relative to the program's directory, in which the plugin runs
 */
export function readPhoto(path: string): PhotoFile {
  const whole = resolve(path);
  try {
    return judge(whole, readBounded(whole));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    const why = code === "ENOENT" ? "which does not exist" : `which cannot be read (${code})`;
    return { ok: false, problem: `names ${whole}, ${why}` };
  }
}

/** The content, or how large it is where that is too much. */
function readBounded(whole: string): Buffer<ArrayBuffer> | string {
  const descriptor = openSync(whole, "r");
  try {
    const about = fstatSync(descriptor);
    if (!about.isFile()) return "which is no file";
    if (about.size > largestPhoto)
      return `which has ${about.size} bytes; a photo may have ${largestPhoto} (1 MB) at most`;
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function judge(whole: string, content: Buffer<ArrayBuffer> | string): PhotoFile {
  if (typeof content === "string") return { ok: false, problem: `names ${whole}, ${content}` };
  const form = forms.find(({ start }) => start.every((byte, index) => content[index] === byte));
  if (!form) return { ok: false, problem: `names ${whole}, which is neither a JPEG nor a PNG image` };
  const hash = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  return { ok: true, file: { name: basename(whole), type: form.type, bytes: new Uint8Array(content) }, hash };
}
