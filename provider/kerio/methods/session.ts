import { z } from "zod";
import type { CallOptions, KerioClient } from "../client";
import { serverOf } from "./list";

const userDetails = z.object({
  /** Empty for the built-in administrator. */
  id: z.string().default(""),
  domainId: z.string().default(""),
  loginName: z.string().default(""),
  fullName: z.string().default(""),
  /** `userRole` may also be BuiltInAdmin or BuiltInDomainAdmin, which no account can be given. */
  effectiveRole: z.object({ userRole: z.string() }).optional(),
});

/** The administrator this program is logged in as. */
export type UserDetails = z.output<typeof userDetails>;

/** `Session.whoAmI`. Safe. */
export async function whoAmI(client: KerioClient, options?: CallOptions): Promise<UserDetails> {
  const call = { method: "Session.whoAmI", reply: z.object({ userDetails }), safe: true, doing: "asking who we are" };
  return (await client.call({ ...call, object: serverOf(client), ...options })).userDetails;
}
