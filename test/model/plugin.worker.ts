/**
 * A plugin process that a parent speaks to: each `begin` is the life of one `pulumi` command, with everything that such
 * a process remembers made anew. It can be told to die by SIGKILL.
 */
import { subscribe } from "node:diagnostics_channel";
import type { dynamic } from "@pulumi/pulumi";
import { callIn, startProcess, type Process } from "../../provider/dynamic/runtime";
import type { FromPlugin, ToPlugin } from "./plugin";

let life: Process | undefined;
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

function begin(config: Record<string, string>): Process {
  const get = (key: string) => config[key];
  const hooks = {
    before: (step: string) => dieAt(`before ${step}`),
    after: (step: string) => dieAt(`after ${step}`),
  };
  return startProcess({ get, require: get } as dynamic.Config, hooks);
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
  callIn(life, kind, method, args).then(
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
