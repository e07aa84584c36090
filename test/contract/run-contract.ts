import { Contract, type ContractOptions } from "./contract";
import type { ContractServer } from "./contract-server";
import type { Answer } from "./probe";
import { areas } from "./probes/areas";

/** What a run has found out. */
export interface ContractResult {
  product: string;
  answers: Answer[];
  /** Left by an earlier run and removed before this one. */
  leftovers: string[];
  /** Why not everything of this run could be removed; undefined when all of it is. */
  left?: string;
}

/** Which questions, and who hears of the answers while they come. */
export interface RunOptions extends ContractOptions {
  /** The default is all. */
  areas?: typeof areas;
  heard?: (answer: Answer) => void;
}

/**
 * Asks a server every question, one after the other (those that only wait go on beside the others), and removes
 * everything under the prefix at the end, however it ends. Throws when the server cannot be asked at all.
 */
export async function runContract(server: ContractServer, options: RunOptions = {}): Promise<ContractResult> {
  const contract = await Contract.open(server, options);
  const questions = Object.entries(options.areas ?? areas).flatMap(([area, probes]) =>
    probes.map((probe, index) => ({ area, probe, index })),
  );
  const ask = async ({ area, probe, index }: (typeof questions)[number]): Promise<Answer> => {
    const answer = await contract.ask(area, index, probe);
    options.heard?.(answer);
    return answer;
  };
  const waiting = new Map(questions.filter(({ probe }) => probe.waits).map((each) => [each, ask(each)]));
  const answers: Answer[] = [];
  for (const each of questions) answers.push(await (waiting.get(each) ?? ask(each)));
  const left = await contract.close().then(
    ({ foreign }) => (foreign.length > 0 ? foreign.join(", ") : undefined),
    (error: unknown) => contract.scrub(error instanceof Error ? error.message : String(error)),
  );
  const { product, leftovers } = contract;
  return { product, answers, leftovers: leftovers.removed, ...(left !== undefined && { left }) };
}
