import { codeOf, KerioError, messageOf } from "../errors";
import type { ItemResult } from "../kerio/methods/bulk";
import { createUsers, type NewUser } from "../kerio/methods/users";
import type { MailServer } from "./mail-server";
import { seatsInUse } from "./seats";
import type { UserRequest } from "./user-request";

/**
 * Makes new users. Where one user too many makes the server refuse the whole call, each asks for itself: the first get what
 * is free.
 */
export async function createEach(server: MailServer, users: NewUser[]): Promise<ItemResult<string>[]> {
  try {
    return await createUsers(server.client, users);
  } catch (error) {
    if (!isSeatRefusal(error) || users.length < 2) throw error;
  }
  const results: ItemResult<string>[] = [];
  for (const user of users) {
    try {
      results.push(...(await createUsers(server.client, [user])));
    } catch (error) {
      if (!isSeatRefusal(error)) throw error;
      results.push({ ok: false, error: { code: noSeatLeft, message: messageOf(error) } });
    }
  }
  return results;
}

/** The server's code for a limit of users that is reached. */
const noSeatLeft = 1003;

/** Whether the server has refused a user because a limit of users is reached. */
export function isSeatRefusal(error: unknown): boolean {
  return codeOf(error) === "API_REFUSED" && (error as KerioError).facts.apiCode === noSeatLeft;
}

/**
 * What a newcomer is told who finds no seat: which limit is reached. Where the server shows that none is, its code may mean
 * something else, and the refusal stands as it is.
 */
export async function noSeat(server: MailServer, request: UserRequest, cause: unknown): Promise<unknown> {
  const inUse = await seatsInUse(server, request.domain);
  if (inUse === "") return cause;
  return new KerioError("API_REFUSED", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: `no seat is free: the licence or the domain allows no further user${inUse}`,
    next: "Disable or remove a user, or raise the limit, then run `pulumi up` again. Nobody else is affected.",
    outcome: "rejected",
    apiCode: noSeatLeft,
    cause,
  });
}
