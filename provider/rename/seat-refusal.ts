import { codeOf, KerioError } from "../errors";
import type { MailServer } from "./mail-server";
import { seatsInUse } from "./seats";
import type { UserRequest } from "./user-request";

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
