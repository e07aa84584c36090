import fc from "fast-check";
import { edit, make, settledPeople, type Edit } from "../edits";
import type { Stage, UpdateOptions } from "../stage";
import { same } from "../applied";
import { managedFields, peopleWhere, type Person, type World } from "../world";
import { operation } from "./operation";

/** Edits the program, and says how. */
export function editAll(world: World, edits: readonly Edit[]): string {
  const done = new Set<string>();
  return edits.flatMap((one) => make(world, one, done) ?? []).join(", ") || "change nothing";
}

/** Previews the program and brings it about; both must succeed. */
export async function carryOut(
  stage: Stage,
  detail: string,
  options: UpdateOptions & { preview?: boolean } = {},
): Promise<void> {
  if (options.preview !== false) {
    const preview = await stage.preview(detail);
    if (!preview.ok) throw new Error(`${detail} is refused: ${preview.errors.join("\n")}`);
  }
  const outcome = await stage.update(detail, options);
  if (!outcome.ok) throw new Error(`${detail} fails: ${outcome.errors.join("\n")}`);
}

/** Brings about what a refresh has shown to be different, so that the next update does nothing but its own. */
export async function putBack(stage: Stage): Promise<void> {
  if (peopleWhere(stage.world, differs).length > 0) await carryOut(stage, "put back what was changed by hand");
}

/** Whether the stack knows that the server holds something else than the program declares. */
export function differs({ isManaged, known, declared }: Person): boolean {
  return (
    isManaged && managedFields.some((field) => declared?.[field] !== undefined && !same(known[field], declared[field]))
  );
}

const room = (world: World) => settledPeople(world).length < 9;

interface Update {
  edits: Edit[];
  parallel: number;
  preview: boolean;
}

const parallel = fc.constantFrom(16, 16, 16, 4);
const preview = fc.boolean();

/** Updates that nothing disturbs. */
export const updates = {
  hire: operation<Update>(
    "hire",
    { edits: fc.array(edit(["hire"]), { minLength: 1, maxLength: 3 }), parallel, preview },
    { ready: room, run: apply },
  ),
  change: operation<Update>(
    "change",
    { edits: fc.array(edit(["change", "change", "alias"]), { minLength: 1, maxLength: 3 }), parallel, preview },
    { ready: (world) => settledPeople(world).length > 0, run: apply },
  ),
  leave: operation<Update>(
    "leave",
    { edits: fc.array(edit(["leave"]), { minLength: 1, maxLength: 2 }), parallel, preview },
    { ready: (world) => settledPeople(world).length > 4, run: apply },
  ),
  rename: operation<Update>(
    "rename",
    { edits: fc.array(edit(["rename"]), { minLength: 1, maxLength: 3 }), parallel: fc.constant(16), preview },
    { ready: (world) => settledPeople(world).length > 0, run: apply },
  ),
  mixed: operation<Update>(
    "everything at once",
    {
      edits: fc.array(edit(["rename", "hire", "change", "leave", "alias"]), { minLength: 2, maxLength: 5 }),
      parallel,
      preview,
    },
    { ready: (world) => room(world) && settledPeople(world).length > 2, run: apply },
  ),
};

async function apply(stage: Stage, { edits, ...options }: Update): Promise<void> {
  await carryOut(stage, editAll(stage.world, edits), options);
}
