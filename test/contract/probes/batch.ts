import type { Probe } from "../probe";
import { shown } from "./tools";

const good = { method: "Session.whoAmI", params: {} };
const bad = { method: "Users.get", params: {} };

/** Several calls in one. */
export const batch: Probe[] = [
  {
    question: "What does Batch.run answer?",
    fact: {
      source: "controlSample",
      says: "in the sister product a plain list, one element per command with its result",
    },
    open: true,
    expects: "a list of two, each with `result`",
    async ask(world) {
      const answers = await world.api.call<unknown>("Batch.run", { commandList: [good, good] });
      const members = Array.isArray(answers) ? answers.map((each) => Object.keys(each as object).join()) : answers;
      return { holds: shown(members) === shown(["result", "result"]), seen: shown(members) };
    },
  },
  {
    question: "Does Batch.run go on after an error?",
    fact: { source: "controlSample", says: "whether it stops at the first error is not said" },
    settles: "batch-after-error",
    async ask(world) {
      const answers = await world.api.call<object[]>("Batch.run", { commandList: [bad, good] });
      const last = answers[1];
      return {
        value: last !== undefined && "result" in last ? "go-on" : "stop",
        seen: `${answers.length} answers to two commands`,
      };
    },
  },
];
