import { folderName } from "./command.js";
import { Refusal } from "./refusal.js";

const longest = 1000;

/**
 * The folders that a LIST asks for: `*` stands for anything, `%` for anything inside one level. Goes through all that a
 * pattern can mean at once, so that no pattern takes more time than its length times the name's.
 */
export function folderPattern(asked: string): (name: string) => boolean {
  const runs = folderName(asked).replace(/[*%]+/g, (run) => (run.includes("*") ? "*" : "%"));
  if (runs.length > longest) throw new Refusal("NO", "the pattern is too long");
  const isWild = (at: number) => runs[at] === "*" || runs[at] === "%";
  const from = (places: readonly number[]) => new Set(places.flatMap((at) => (isWild(at) ? [at, at + 1] : [at])));
  return (name) => {
    let places = from([0]);
    for (const sign of name) {
      places = from(
        [...places].flatMap((at) => {
          if (isWild(at)) return runs[at] === "%" && sign === "/" ? [] : [at];
          return runs[at] === sign ? [at + 1] : [];
        }),
      );
    }
    return places.has(runs.length);
  };
}
