import type { SwitchName } from "../simulator/engine/switches";
import type { Fact } from "./sources";
import type { World } from "./world";

interface Question {
  question: string;
  fact: Fact;
  /** What the server or the login must have for it to be asked. */
  needs?: readonly Need[];
  /** What it does that is not confined to names under the prefix; such a question is asked only when confirmed. */
  beyond?: string;
  /** It waits for minutes and touches nothing: the others need not wait for it. */
  waits?: boolean;
}

/** `smtp`: an address for mail. `full-admin`: the right to make domains. */
export type Need = "smtp" | "full-admin";

/** A question that public sources answer. */
export interface FactProbe extends Question {
  /** What the server should do, in words. */
  expects: string;
  /** Sources do not say it outright; what is expected is the stand-in's own choice. */
  open?: boolean;
  ask(world: World): Promise<{ holds: boolean; seen: string }>;
}

/** A question that public sources leave open and for which the stand-in has a switch. */
export interface SwitchProbe extends Question {
  settles: SwitchName;
  /** The value of the switch that makes the stand-in answer as this server does; undefined when none does. */
  ask(world: World): Promise<{ value: string | undefined; seen: string }>;
}

/** One question to a server. */
export type Probe = FactProbe | SwitchProbe;

/** The question cannot be asked of this server; says why. */
export class NotAsked extends Error {}

/** What became of a question. */
export type Verdict = "as expected" | "switch" | "fact wrong" | "not as assumed" | "not asked" | "failed";

/** A question and its answer. */
export interface Answer {
  /** The interface, as the file of its questions is called. */
  area: string;
  probe: Probe;
  verdict: Verdict;
  /** What was seen, or why nothing was. */
  seen: string;
  /** What the switch has to be set to. */
  value?: string;
}
