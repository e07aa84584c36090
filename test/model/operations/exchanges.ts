import fc from "fast-check";
import { remember, settledPeople } from "../edits";
import { freeName } from "../world";
import { chosen, operation, pick } from "./operation";
import { carryOut, putBack } from "./updates";

interface Exchange {
  who: number;
  size: number;
  isCycle: boolean;
}

/** Names that go from one person to the next in one update. */
export const exchanges = {
  exchange: operation<Exchange>(
    "people exchange their names",
    { who: pick, size: fc.integer({ min: 2, max: 3 }), isCycle: fc.boolean() },
    {
      ready: (world, { size }) => settledPeople(world).length >= size,
      run: async (stage, { who, size, isCycle }) => {
        const { world } = stage;
        await putBack(stage);
        const people = settledPeople(world);
        const first = who % people.length;
        const some = Array.from({ length: size }, (_, at) => chosen(people, first + at));
        const names = some.map((person) => person.declared?.name ?? "");
        const last = isCycle ? (names[0] ?? "") : freeName(world, who);
        const takeBack = remember(world);
        some.forEach((person, at) => {
          person.declared = { ...person.declared, name: names[at + 1] ?? last };
        });
        const detail = `${names.join(", ")} become ${some.map((person) => person.declared?.name).join(", ")}`;
        const before = JSON.stringify(stage.seen);
        const preview = await stage.step("exchange", detail, async () => {
          const outcome = await stage.engine.preview(await stage.life(), stage.program());
          if (!outcome.ok) takeBack();
          return outcome;
        });
        if (preview.ok) return carryOut(stage, detail, { preview: false });
        if (
          !/first in an update of their own|exchange|chain/.test(preview.errors.join()) ||
          before !== JSON.stringify(stage.seen)
        )
          throw new Error(`${detail}: ${preview.errors.join("\n")}`);
      },
    },
  ),
};
