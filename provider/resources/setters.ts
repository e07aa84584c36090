import { Batch } from "../dynamic/batch";
import type { Server } from "../dynamic/servers";
import { createAliases, setAliases, type AliasPattern, type NewAlias } from "../kerio/methods/aliases";
import type { ItemResult } from "../kerio/methods/bulk";
import { setUsers, type UserPattern } from "../kerio/methods/users";
import { perServer } from "./per-server";
import { refusedItem } from "./removers";

/** New values for one object of the server. */
export interface Change<Pattern> {
  id: string;
  /** For messages. */
  object: string;
  pattern: Pattern;
}

/** One alias to make. */
export interface AliasCreation {
  object: string;
  alias: NewAlias;
}

/** Writes the changes to accounts of one moment: equal values for many accounts travel in one call. */
export const userSetter = perServer((server) =>
  setterOf<UserPattern>(server, (ids, pattern) => setUsers(server.client, ids, pattern, { itemwise: true })),
);

/** Writes the changes to aliases of one moment. */
export const aliasSetter = perServer((server) =>
  setterOf<AliasPattern>(server, (ids, pattern) => setAliases(server.client, ids, pattern, { itemwise: true })),
);

/** Makes the aliases of one moment in one call; answers with their ids. */
export const aliasCreator = perServer(
  (server) =>
    new Batch<AliasCreation, string>(async (creations) => {
      const results = await createAliases(
        server.client,
        creations.map((creation) => creation.alias),
        { itemwise: true },
      );
      server.inventory.invalidate();
      return creations.map(({ object }, index) => {
        const result = results[index];
        return result?.ok
          ? result.value
          : (refusedItem(result, object, "creating it") ?? new Error(`${object}: no answer`));
      });
    }),
);

function setterOf<Pattern>(
  server: Server,
  set: (ids: string[], pattern: Pattern) => Promise<ItemResult<void>[]>,
): Batch<Change<Pattern>, void> {
  return new Batch(async (changes) => {
    const outcome = new Map<Change<Pattern>, Error | undefined>();
    await Promise.all(
      groupsOfEqual(changes).map(async ([pattern, group]) => {
        try {
          const ids = group.map((change) => change.id);
          const results = await set(ids, pattern);
          group.forEach((change, index) =>
            outcome.set(change, refusedItem(results[index], change.object, "changing it")),
          );
        } catch (error) {
          // One group's failure is not the neighbours'.
          for (const change of group) outcome.set(change, error instanceof Error ? error : new Error(String(error)));
        }
      }),
    );
    server.inventory.invalidate();
    return changes.map((change) => outcome.get(change));
  });
}

function groupsOfEqual<Pattern>(changes: Change<Pattern>[]): [Pattern, Change<Pattern>[]][] {
  const groups = new Map<string, [Pattern, Change<Pattern>[]]>();
  for (const change of changes) {
    const key = JSON.stringify(change.pattern);
    const group = groups.get(key);
    if (group) group[1].push(change);
    else groups.set(key, [change.pattern, [change]]);
  }
  return [...groups.values()];
}
