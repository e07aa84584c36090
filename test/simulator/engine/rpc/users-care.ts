import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { forEachRow } from "./bulk.js";
import { method, partly, type Interface } from "./method.js";
import { publicFolders } from "./public-folders.js";
import { RpcError } from "./rpc-error.js";
import { id } from "./schemas.js";

const userIds = z.object({ userIds: z.array(id) });
const nothingKept = "no service here deletes an item, so nothing is ever kept for recovery";

/** The methods of Users that look after mailboxes. */
export const usersCare: Interface = {
  getNotActivated: partly(
    "there is no directory service: nobody waits",
    method(z.object({ domainId: id }), ({ domainId }, { engine }) => {
      if (!engine.domain(domainId)) throw RpcError.missing(domainId);
      return { newUsers: [] };
    }),
  ),

  getRecoveryDeletedItemsSize: partly(
    nothingKept,
    method(userIds, ({ userIds: ids }, { engine }) => {
      const sizeList: object[] = [];
      const { errors } = forEachRow(engine, engine.state.users, ids, () => {
        sizeList.push({ items: 0, storage: { value: 0, units: "Bytes" } });
      });
      return { errors, sizeList };
    }),
  ),

  recoverDeletedItems: partly(
    nothingKept,
    method(userIds, ({ userIds: ids }, { engine }) => {
      const recoveryMessages: object[] = [];
      const { errors } = forEachRow(engine, engine.state.users, ids, (_, inputIndex) => {
        recoveryMessages.push({ inputIndex, itemsCount: 0 });
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
