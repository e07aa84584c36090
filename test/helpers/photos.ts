/** Files that begin as images do; what a server that never shows them can tell of an image. */
export const photos = {
  png: image([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "a"),
  otherPng: image([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "b"),
  jpeg: image([0xff, 0xd8, 0xff, 0xe0], "c"),
};

function image(start: number[], rest: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...start, ...Buffer.from(rest.repeat(20)), 0, 255, 13, 10]);
}

/** The photo that the truth of the server holds for an account, in bytes. */
export function photoIn(account: Record<string, unknown>): Uint8Array | undefined {
  const { photo } = account["contact"] as { photo?: { data: string } };
  return photo && new Uint8Array(Buffer.from(photo.data, "base64"));
}
