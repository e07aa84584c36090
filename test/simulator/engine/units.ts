import type { ByteValue } from "./state.js";

const names = ["Bytes", "KiloBytes", "MegaBytes", "GigaBytes", "TeraBytes", "PetaBytes"];

/** The number of bytes of a value with units. */
export function bytesOf(value: ByteValue): number {
  return value.value * 1024 ** Math.max(0, names.indexOf(value.units));
}

/** Bytes in the largest units that keep the number whole; the API has no fractions. */
export function inUnits(bytes: number): ByteValue {
  let value = bytes;
  let step = 0;
  while (value > 0 && value % 1024 === 0 && step < names.length - 1) {
    value /= 1024;
    step += 1;
  }
  return { value, units: names[step] ?? "Bytes" };
}
