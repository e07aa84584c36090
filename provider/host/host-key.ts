import { createHash, timingSafeEqual } from "node:crypto";
import { KerioError } from "../errors";
import { orVariable, settingCommand, settingKey, type Given } from "../setting-key";

/** A host key as an OpenSSH public key line, without comment. */
export function keyLine(key: Buffer): string {
  return `${keyType(key)} ${key.toString("base64")}`;
}

/** The `SHA256:` fingerprint as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The key type that stands in the key itself, `ssh-ed25519` for instance. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const type = key.subarray(4, 4 + length).toString("latin1");
  return /^[a-z0-9@.-]{1,64}$/.test(type) ? type : "unknown";
}

/** Whether `key` is the configured one: a public key line (options and comment ignored) or a `SHA256:` fingerprint. */
export function matchesHostKey(expected: string, key: Buffer): boolean {
  const wanted = expected.trim();
  if (wanted.startsWith("SHA256:")) return equal(Buffer.from(wanted.replace(/=+$/, "")), Buffer.from(fingerprint(key)));
  const blob = wanted.split(/\s+/).find((part) => part.startsWith("AAAA"));
  return blob !== undefined && equal(Buffer.from(blob, "base64"), key);
}

/** Signature algorithms to ask the server for, so that it shows the key that was configured. */
export function algorithmsFor(expected: string): string[][] {
  const families = [
    ["ssh-ed25519"],
    ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
    ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
  ];
  const type = /(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa)\s/.exec(`${expected} `)?.[1];
  // A fingerprint does not tell its type: each family is asked for in turn.
  if (type === undefined) return families;
  const first = families.filter((family) => family.includes(type));
  return [[...first.flat(), ...families.filter((family) => !family.includes(type)).flat()]];
}

/** The refusal of a host that shows another key than the configured one, or of any host where none is configured. */
export function unknownHostKey(
  { host, hostKey, name, variables }: Given & { host: string; hostKey: string },
  key: Buffer,
): KerioError {
  const shown = keyLine(key);
  const setting = settingKey("sshHostKey", name);
  return new KerioError("HOST_KEY_UNKNOWN", {
    object: `mail host ${host}`,
    doing: "checking its SSH host key",
    happened:
      `it shows ${shown} (${fingerprint(key)}), ` +
      (hostKey === "" ? `and ${setting} is not set` : `which is not the one in ${setting}`),
    next: `Compare it with the key on the host itself; if it is right, set it with: ${settingCommand("sshHostKey", name, { example: `"${shown}"` })}${orVariable("sshHostKey", { name, variables })}`,
  });
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
