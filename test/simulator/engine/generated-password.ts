import { randomInt } from "node:crypto";
import type { Domain } from "./state.js";

const kinds = ["abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.!"];

/** Signs of a password where the domain asks for no more. */
const usualLength = 23;

/**
 * A random password that the domain's policy takes: long enough, of all four kinds of signs, and without the domain's
 * name. Whose it will be is not known, so only the name and the full name of an account can still be against it.
 */
export function generatedPassword({ name, passwordMinimumLength }: Domain): string {
  const length = Math.max(usualLength, passwordMinimumLength);
  let password = "";
  while (password.length < length) {
    const signs = kinds[password.length % kinds.length] ?? "";
    const longer = password + (signs[randomInt(signs.length)] ?? "");
    if (!longer.toLowerCase().includes(name)) password = longer;
  }
  return password;
}
