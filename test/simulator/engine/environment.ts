import { readFileSync } from "node:fs";
import { z } from "zod";

const environmentSchema = z.object({
  host: z.string().default("127.0.0.1"),
  adminPort: z.number().int(),
  smtpPort: z.number().int(),
  submissionPort: z.number().int(),
  imapPort: z.number().int(),
  licenceSeats: z.number().int().default(25),
  switches: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  certificateFile: z.string(),
  keyFile: z.string(),
  startDelayMs: z.number().default(0),
  stopDelayMs: z.number().default(0),
  firstRun: z.boolean().default(false),
  seed: z.enum(["empty", "demo", "first-run"]).optional(),
  admin: z.object({ user: z.string(), password: z.string() }).optional(),
});

/**
 * What the host tells the engine process before each start (`environment.json`). `seed` and `admin` count
 * only while no configuration files exist yet.
 */
export type Environment = z.infer<typeof environmentSchema>;

/** Reads and checks the file; throws when a member is missing or of the wrong type. */
export function readEnvironment(file: string): Environment {
  return environmentSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}
