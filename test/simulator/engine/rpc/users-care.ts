import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { recover, recoverySize } from "../recovery.js";
import { inUnits } from "../units.js";
import { forEachRow } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { publicFolders } from "./public-folders.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";

const userIds = z.object({ userIds: z.array(id) });

/** The methods of Users that look after mailboxes. */
export const usersCare: Interface = {
  getNotActivated: partly(
    "there is no directory service: nobody waits",
    method(z.object({ domainId: id }), ({ domainId }, { engine }) => {
      if (!engine.domain(domainId)) throw RpcError.missing(domainId);
      return { newUsers: [] };
    }),
  ),

  getRecoveryDeletedItemsSize: method(userIds, ({ userIds: ids }, { engine }) => {
    const sizeList: object[] = [];
    const { errors } = forEachRow(engine, engine.state.users, ids, (user) => {
      const { items, bytes } = recoverySize(engine, user);
      sizeList.push({ items, storage: inUnits(bytes) });
    });
    return { errors, sizeList };
  }),

  recoverDeletedItems: partly(
    "everything comes into Deleted Items: where the real server puts it is not known",
    method(userIds, ({ userIds: ids }, { engine }) => {
      const recoveryMessages: object[] = [];
      const { errors } = forEachRow(engine, engine.state.users, ids, (user, inputIndex) => {
        if (engine.bindings.isAway(user)) throw RpcError.failed("The mailbox of %1 is not available.", user.loginName);
        const itemsCount = recover(engine, user);
        if (itemsCount === undefined) throw new RpcError(4000, "The quota of %1 is exceeded.", [user.loginName]);
        recoveryMessages.push({ inputIndex, itemsCount });
      });
      return { errors, recoveryMessages };
    }),
  ),

  resetBuddyList: method(userIds, ({ userIds: ids }, { engine }) => {
    forEachRow(engine, engine.state.users, ids, (user) =>
      rmSync(join(engine.mailboxOf(user), "#im", "roster"), { recursive: true, force: true }),
    );
    return {};
  }),

  getContactPublicFolderList: method(z.object({ domainId: id }), ({ domainId }, { engine }) => ({
    publicFolders: publicFolders(engine, domainId, "contacts"),
  })),
};
