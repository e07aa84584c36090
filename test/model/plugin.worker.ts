/**
 * A plugin process that a parent speaks to: each `begin` is the life of one `pulumi` command, with the package loaded
 * anew, so that nothing of the life before is remembered. It can be told to die by SIGKILL.
 */
import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { resolve, sep } from "node:path";
import type { dynamic } from "@pulumi/pulumi";
import type { call } from "../../provider/dynamic/runtime";
import type { Coordinator } from "../../provider/rename/coordinator";
import type { FromPlugin, ToPlugin } from "./plugin";

const load = createRequire(__filename);
const built = resolve(__dirname, "../../provider") + sep;

interface Life {
  request: dynamic.ConfigureRequest;
  call: typeof call;
}

let life: Life | undefined;
let death: string | undefined;
let answers = 0;

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** A point is the name of a step's boundary, or the number of the answer of the API after which there is no more. */
function dieAt(point: string): void {
  if (point === death) die();
}

// The effect has been done, and nobody has looked at the answer.
subscribe("http.client.response.finish", () => dieAt(`answer ${++answers}`));

function begin(config: Record<string, string>): Life {
  for (const file of Object.keys(load.cache)) if (file.startsWith(built)) delete load.cache[file];
  const coordinator = load(`${built}rename/coordinator.js`) as { Coordinator: typeof Coordinator };
  const hooks = {
    before: (step: string) => dieAt(`before ${step}`),
    after: (step: string) => dieAt(`after ${step}`),
  };
  Object.defineProperty(coordinator.Coordinator.prototype, "hooks", { value: () => hooks });
  const runtime = load(`${built}dynamic/runtime.js`) as { call: typeof call };
  const get = (key: string) => config[key];
  return { call: runtime.call, request: { config: { get, require: get } } as dynamic.ConfigureRequest };
}

function answer(message: FromPlugin): void {
  process.send?.(message);
}

process.on("message", (message: ToPlugin) => {
  if (message.type === "begin") {
    answers = 0;
    death = message.death;
    life = begin(message.config);
    return answer({ type: "begun" });
  }
  const { id, kind, method, args } = message;
  if (!life) throw new Error("a call before its life has begun");
  life.call(kind, life.request, method, args).then(
    (value) => answer({ type: "value", id, value }),
    (error: Error & { id?: string; properties?: Record<string, unknown> }) => {
      const { name, stack = "", id: made, properties } = error;
      answer({
        type: "error",
        id,
        message: error.message,
        stack: `${name} ${stack}`,
        ...(made && { made, properties }),
      });
    },
  );
});
