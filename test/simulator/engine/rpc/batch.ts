import { z } from "zod";
import { method, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";

/**
 * The interface Batch. The answer has the form that Kerio Control gives: a plain array, one element per
 * command with its own `result` or `error`; or another, see the switch batch-answer.
 */
export const batch: Interface = {
  run: method(
    z.object({ commandList: z.array(z.object({ method: z.string(), params: z.unknown().optional() })) }),
    async ({ commandList }, call) => {
      const answers: object[] = [];
      for (const command of commandList) {
        try {
          answers.push({ result: await call.again(command.method, command.params) });
        } catch (error) {
          if (!(error instanceof RpcError) || error.isUnanswered) throw error;
          answers.push({ error: error.asCallError(call.engine.switches) });
          if (call.engine.switches.of("batch-after-error") === "stop") break;
        }
      }
      return call.engine.switches.of("batch-answer") === "list" ? answers : { result: answers };
    },
  ),
};
