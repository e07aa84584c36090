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
    settles: "batch-answer",
    async ask(world) {
      const answer = await world.api.call<unknown>("Batch.run", { commandList: [good, good] });
      const members = answersIn(answer)?.map((each) => Object.keys(each).join());
      const isKnown = shown(members) === shown(["result", "result"]);
      const value = Array.isArray(answer) ? "list" : "object";
      return { value: isKnown ? value : undefined, seen: `${value} ${shown(members ?? answer)}` };
    },
  },
  {
    question: "Does Batch.run go on after an error?",
    fact: { source: "controlSample", says: "whether it stops at the first error is not said" },
    settles: "batch-after-error",
    async ask(world) {
      const answers = answersIn(await world.api.call<unknown>("Batch.run", { commandList: [bad, good] })) ?? [];
      const last = answers[1];
      return {
        value: last !== undefined && "result" in last ? "go-on" : "stop",
        seen: `${answers.length} answers to two commands`,
      };
    },
  },
];

/** The answers to the commands, in any form that a switch knows. */
function answersIn(answer: unknown): object[] | undefined {
  if (Array.isArray(answer)) return answer as object[];
  const { result } = answer as { result?: unknown };
  return Array.isArray(result) ? (result as object[]) : undefined;
}
