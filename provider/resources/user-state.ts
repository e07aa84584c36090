import { z } from "zod";
import type { Properties } from "../dynamic/lifecycle";

const recorded = z.object({
  userId: z.string().optional(),
  managed: z.array(z.string()).optional(),
  previousNames: z.array(z.string()).optional(),
  mailboxPath: z.string().optional(),
  logicalName: z.string().optional(),
  unfinished: z.boolean().optional(),
});

/** What stands in a user's stored outputs besides the declared inputs. */
export interface UserRecord {
  /** The server's id of the account. */
  userId?: string;
  /** Names of the inputs that the program manages; absent for a user that was only looked up. */
  managed?: string[];
  /** Earlier names of the account, the oldest first. */
  previousNames: string[];
  mailboxPath?: string;
  logicalName?: string;
  /** Whether a rename stopped after the new account had become this resource's. */
  unfinished: boolean;
}

/** Reads the bookkeeping in stored outputs; what an older version did not write is absent. */
export function readRecord(props: Properties): UserRecord {
  const parsed = recorded.safeParse(props);
  const record = parsed.success ? parsed.data : {};
  return { ...record, previousNames: record.previousNames ?? [], unfinished: record.unfinished ?? false };
}
