import { z } from "zod";

/** The units of the Admin API, each 1024 times the one before. */
export const apiUnits = ["Bytes", "KiloBytes", "MegaBytes", "GigaBytes", "TeraBytes", "PetaBytes"] as const;

/** One unit of the Admin API. */
export type ApiUnit = (typeof apiUnits)[number];

/** An amount as the Admin API holds it; `value` is a whole number. */
export interface ApiSize {
  value: number;
  units: ApiUnit;
}

const short = ["B", "KB", "MB", "GB", "TB", "PB"] as const;
const form = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB|PB)$/;

/** Bytes of an amount like `500 MB` or `1.5 GB` (1 KB is 1024 bytes), or undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const power = short.indexOf(match[2] as (typeof short)[number]);
  return Math.round(Number(match[1]) * 1024 ** power);
}

/** The amount in the largest unit that holds it as a whole number. */
export function toApiSize(bytes: number): ApiSize {
  let value = bytes;
  let power = 0;
  while (value > 0 && value % 1024 === 0 && power < apiUnits.length - 1) {
    value /= 1024;
    power++;
  }
  return { value, units: apiUnits[power] ?? "Bytes" };
}

/** The amount as a person writes it: `2 GB`. */
export function fromApiSize(size: { value: number; units: string }): string {
  const power = (apiUnits as readonly string[]).indexOf(size.units);
  if (power < 0) return `${size.value} ${size.units}`;
  const whole = toApiSize(size.value * 1024 ** power);
  return `${whole.value} ${short[apiUnits.indexOf(whole.units)] ?? whole.units}`;
}

/** An amount above zero, or `unlimited`. */
export const sizeSchema = z
  .string({ error: 'must be an amount such as "500 MB" or "2 GB", or "unlimited"' })
  .refine((text) => text === "unlimited" || (parseSize(text) ?? 0) > 0, {
    error: 'must be an amount above zero such as "500 MB" or "2 GB", or "unlimited"',
  });

/** Whether two amounts are equal whatever their units. */
export function sameSize(a: unknown, b: unknown): boolean {
  if (typeof a !== "string" || typeof b !== "string") return false;
  return a === b || (parseSize(a) !== undefined && parseSize(a) === parseSize(b));
}
