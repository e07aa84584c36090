import { z } from "zod";
import type { Engine } from "../engine.js";
import { isMissing, search, searchQuery } from "../search-query.js";
import { inUnits } from "../units.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { id, nothing } from "./schemas.js";

const listed = z.object({ query: searchQuery });

/** The interface Queue: the messages that wait, most often because the SMTP service is held. */
export const queue: Interface = {
  get: method(listed, ({ query }, { engine }) => {
    if (isMissing(query) && engine.switches.of("queue-without-query") === "hang") throw RpcError.unanswered();
    const rows = rowsOf(engine);
    const volume = inUnits(rows.reduce((sum, row) => sum + row.size, 0));
    const shown = rows.map(({ size, ...row }) => ({ ...row, messageSize: inUnits(size) }));
    return { ...search(shown, query, { switches: engine.switches }), volume };
  }),

  getProcessed: partly(
    "a delivery takes no time: nothing is ever found under way",
    method(listed, () => ({ list: [], totalItems: 0 })),
  ),

  run: method(nothing, (_, { engine }) => {
    engine.runQueue();
    return {};
  }),

  tryToSend: partly(
    "the whole queue is run",
    method(z.object({ messageIds: z.array(id) }), (_, { engine }) => {
      engine.runQueue();
      return {};
    }),
  ),

  remove: method(z.object({ messageIds: z.array(id) }), ({ messageIds }, { engine }) => ({
    deleteItems: messageIds.filter((each) => engine.queue.remove(each)).length,
  })),

  removeAll: method(nothing, (_, { engine }) => ({
    deleteItems: engine.queue.list().filter((each) => engine.queue.remove(each.id)).length,
  })),
};

function rowsOf(engine: Engine) {
  return engine.queue.list().map((each) => ({
    id: each.id,
    creationTime: Math.floor(each.since / 1000),
    nextTry: Math.floor(each.since / 1000),
    size: each.size,
    from: each.sender,
    to: each.recipients.join(", "),
    status: "held",
    authSender: "",
    senderIp: "",
  }));
}
