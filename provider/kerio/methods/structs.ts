/** Structures that several methods share. Where the API wants a structure whole, a missing member gets its neutral value. */
import { z } from "zod";

/** `value` in `units`: Bytes, KiloBytes, MegaBytes, GigaBytes, TeraBytes, PetaBytes. */
export const byteValue = z.object({ value: z.number().default(0), units: z.string().default("Bytes") });

/** A size limit; without effect unless `isActive`. */
export const sizeLimit = z.object({
  isActive: z.boolean().default(false),
  limit: byteValue.default({ value: 0, units: "Bytes" }),
});

/** A limit of a number of items; without effect unless `isActive`. */
export const itemCountLimit = z.object({ isActive: z.boolean().default(false), limit: z.number().default(0) });

/** Something that happens after a number of days (at most 24855), if `isEnabled`. */
export const actionAfterDays = z.object({ isEnabled: z.boolean().default(false), days: z.number().default(30) });

/** A name with its id, as the API shows links between objects. */
export const entity = z.object({ id: z.string().default(""), name: z.string().default("") });

export type ByteValue = z.output<typeof byteValue>;
export type SizeLimit = z.output<typeof sizeLimit>;
export type ItemCountLimit = z.output<typeof itemCountLimit>;
export type ActionAfterDays = z.output<typeof actionAfterDays>;
export type Entity = z.output<typeof entity>;
