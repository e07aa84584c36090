import { codeOf, KerioError, messageOf } from "../errors";
import type { Renaming } from "./run-context";
import { personOf } from "./snapshot";

/** What a roll-back could not put right, kept by person: nobody is told of what concerns their neighbours alone. */
export class Problems {
  private readonly told = new Map<string, string[]>();

  /** Keeps a problem for one person, once. */
  tell({ record }: Renaming, problem: string): void {
    const own = this.of({ record });
    if (!own.includes(problem)) this.told.set(personOf(record), [...own, problem]);
  }

  /** What one person is to be told. */
  of({ record }: Pick<Renaming, "record">): string[] {
    return this.told.get(personOf(record)) ?? [];
  }

  /** Does some work for several people; why it failed is told to each of them. Throws `LOCK_LOST` alone. */
  async among(concerned: readonly Renaming[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (codeOf(error) === "LOCK_LOST") throw error;
      for (const renaming of concerned) this.tell(renaming, reasonOf(error));
    }
  }
}

/** What happened, without the advice that belongs to it alone: the paragraph has one of its own. */
export function reasonOf(reason: unknown): string {
  if (!(reason instanceof KerioError)) return messageOf(reason).replace(/\.$/, "");
  const { object, doing, happened } = reason.facts;
  return `${object}: ${doing} failed: ${happened} [${reason.code}]`;
}
