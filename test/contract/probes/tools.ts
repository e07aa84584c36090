import { randomUUID } from "node:crypto";
import type { World } from "../world";

/** A login that nobody has. */
export function noAccountWith(world: World): { username: string; password: string } {
  return { username: world.name("nobody"), password: world.password() };
}

/** An id of the known form that belongs to nothing. */
export function unknownId(kind: string, domainId: string): string {
  const domain = domainId.slice(domainId.lastIndexOf("/") + 1);
  return `keriodb://${kind}/${domain}/${randomUUID()}`;
}

/** The errors of a bulk call as text. */
export function errorsOf({ errors }: { errors: readonly { code: number; message: string }[] }): string {
  return errors.length === 0 ? "no error" : errors.map(({ code, message }) => `“${message}” (${code})`).join(", ");
}

/** A value as the report shows it. */
export function shown(value: unknown): string {
  return `\`${JSON.stringify(value) ?? "nothing"}\``;
}
