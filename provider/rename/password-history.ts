import { codeOf, KerioError } from "../errors";
import type { MailServer } from "./mail-server";

/** What to do about a password that a server has refused which remembers those of before. */
const next =
  "The domain remembers passwords, and the account may have this one already, or have had it before. Nobody can tell " +
  "which: leave password out, or declare another one.";

/** Whether the domain remembers passwords of before, and so may refuse the one that holds. */
export async function remembersPasswords(
  { inventory }: Pick<MailServer, "inventory">,
  domain: string,
): Promise<boolean> {
  return ((await inventory.domain(domain)).passwordHistoryCount ?? 0) > 0;
}

/** A refusal of a password with what to do, where a history of passwords may be the reason; any other error as it is. */
export async function explainPassword(
  server: Pick<MailServer, "inventory">,
  domain: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Error && "facts" in error) || codeOf(error) !== "API_REFUSED") return error;
  if (!(await remembersPasswords(server, domain))) return error;
  return new KerioError("API_REFUSED", { ...(error as KerioError).facts, next });
}
