import { z } from "zod";

/**
 * The schema of an object with these members and no others.
 *
 * @param error what is said of a value that is no object; default zod's words
 */
export function members<T extends z.core.$ZodLooseShape>(shape: T, error?: string): z.ZodObject<T, z.core.$strict> {
  const unknownKey = `there is no such input. The inputs are: ${Object.keys(shape).join(", ")}.`;
  return z.strictObject(shape, { error: ({ code }) => (code === "unrecognized_keys" ? unknownKey : error) });
}
