import { Batch } from "../dynamic/batch";
import type { Server } from "../dynamic/servers";
import { removeAliases } from "../kerio/methods/aliases";
import { codeOf } from "../errors";
import { itemRefused, type ItemResult } from "../kerio/methods/bulk";
import { removeUsers, type RemovalRequest } from "../kerio/methods/users";
import { Deadline, waitFor } from "../retry";
import { perServer } from "./per-server";

/** One account to remove. */
export interface UserRemoval {
  domain: string;
  address: string;
  request: RemovalRequest;
}

/** One alias to remove. */
export interface AliasRemoval {
  id: string;
  /** For messages. */
  object: string;
}

/** Seconds until a removed account must have left the list: a client in the field was seen to wait up to thirty. */
const goneWithin = 60;

/** Seconds in which a refused one may leave it after all: an earlier removal, unheard, may be under way. */
const refusedWithin = 5;

/** Removes the accounts of one moment in one call, and answers when each is seen to be gone. */
export const userRemover = perServer(
  (server) => new Batch<UserRemoval, void>((removals) => removeAll(server, removals)),
);

/** Removes the aliases of one moment in one call. */
export const aliasRemover = perServer(
  (server) =>
    new Batch<AliasRemoval, void>(async (removals) => {
      const results = await removeAliases(
        server.client,
        removals.map((removal) => removal.id),
        { itemwise: true },
      );
      server.inventory.invalidate();
      return removals.map((removal, index) => refusedItem(results[index], removal.object, "removing it"));
    }),
);

/** What a bulk call answered for one object, as an error, or undefined. */
export function refusedItem<T>(result: ItemResult<T> | undefined, object: string, doing: string): Error | undefined {
  return !result || result.ok ? undefined : itemRefused(result.error, { object, doing });
}

async function removeAll(server: Server, removals: UserRemoval[]): Promise<(void | Error)[]> {
  const results = await removeUsers(
    server.client,
    removals.map((removal) => removal.request),
    { itemwise: true },
  );
  server.inventory.invalidate();
  const refused = removals.map((removal, index) =>
    refusedItem(results[index], `user ${removal.address}`, "removing it"),
  );
  const deadline = Deadline.in(goneWithin);
  return Promise.all(
    removals.map(async (removal, index) => {
      const no = refused[index];
      const awaited = { object: `user ${removal.address}`, what: "the account to disappear from the list" };
      const until = { ...awaited, every: 500, next: "Run `pulumi up` again." };
      const look = async () => ((await isGone(server, removal)) ? true : undefined);
      try {
        // A refusal of an account that is gone all the same is what a repeated removal meets.
        await waitFor({ ...until, deadline: no ? Deadline.in(refusedWithin) : deadline }, look);
      } catch (error) {
        if (!no || codeOf(error) !== "TIMEOUT") throw error;
        return no;
      }
      return undefined;
    }),
  );
}

async function isGone(server: Server, removal: UserRemoval): Promise<boolean> {
  const present = (await server.inventory.users(removal.domain)).some((user) => user.id === removal.request.userId);
  if (present) server.inventory.invalidate();
  return !present;
}
