import fc from "fast-check";
import { exchange, settledPeople, type Exchange } from "../edits";
import { operation, pick } from "./operation";
import { carryOut, putBack } from "./updates";

/** Names that go from one person to the next in one update. */
const exchangeOf = (kind: "chain" | "swap" | "circle", values: Pick<Exchange, "isCycle">, ...sizes: number[]) =>
  operation<Pick<Exchange, "who" | "size">>(
    `people exchange their names: a ${kind}`,
    { who: pick, size: fc.constantFrom(...sizes) },
    {
      ready: (world, { size }) => settledPeople(world).length >= size,
      run: async (stage, { who, size }) => {
        await putBack(stage);
        const made = exchange(stage.world, { who, size, ...values });
        await carryOut(stage, made?.detail ?? "");
      },
    },
  );

/** Chains, swaps and circles, which must all be carried out. */
export const exchanges = {
  chain: exchangeOf("chain", { isCycle: false }, 2, 3),
  swap: exchangeOf("swap", { isCycle: true }, 2),
  circle: exchangeOf("circle", { isCycle: true }, 3),
};
