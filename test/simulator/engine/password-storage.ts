import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

/** The reversible form rests on a key that every installation shares: it hides a password from the eye only. */
const fixedKey = Buffer.from("4b6572696f5374616e64496e4b65792e0123456789abcdef", "hex");

/**
 * The form in which a password stands in the configuration files: `D3S:<hex>` (reversible) or
 * `SHA:<16 hex salt><40 hex>` (PBKDF2, 10,000 rounds); an empty password is `NUL:`.
 */
export function storePassword(clear: string, reversible: boolean): string {
  if (clear === "") return "NUL:";
  if (!reversible) {
    const salt = randomBytes(8);
    return `SHA:${salt.toString("hex")}${derive(clear, salt).toString("hex")}`;
  }
  const cipher = createCipheriv("des-ede3-cbc", fixedKey, Buffer.alloc(8));
  return `D3S:${Buffer.concat([cipher.update(randomBytes(8)), cipher.update(clear, "utf8"), cipher.final()]).toString("hex")}`;
}

/** Whether the clear text is the stored password. A stored form it does not know fits nothing. */
export function passwordFits(clear: string, stored: string): boolean {
  if (stored === "NUL:") return clear === "";
  const hex = stored.slice(4);
  if (stored.startsWith("SHA:") && hex.length === 56) {
    return same(derive(clear, Buffer.from(hex.slice(0, 16), "hex")), Buffer.from(hex.slice(16), "hex"));
  }
  if (stored.startsWith("D3S:")) {
    const plain = decipher(Buffer.from(hex, "hex"));
    return plain !== undefined && same(plain, Buffer.from(clear, "utf8"));
  }
  return false;
}

/** The text in a reversible form; undefined where it was not made here, or is damaged. */
function decipher(stored: Buffer): Buffer | undefined {
  const cipher = createDecipheriv("des-ede3-cbc", fixedKey, Buffer.alloc(8));
  try {
    return Buffer.concat([cipher.update(stored), cipher.final()]).subarray(8);
  } catch {
    return undefined;
  }
}

function derive(clear: string, salt: Buffer): Buffer {
  return pbkdf2Sync(clear, salt, 10_000, 20, "sha1");
}

function same(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
