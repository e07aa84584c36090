import { expect } from "vitest";
import { ownerOf } from "../owner-of";
import { picture } from "../picture";
import type { Before } from "./expect-state";
import type { Lane } from "./lane";
import { becomesOf, type ScenarioName } from "./scenarios";

/** Nobody can open the mailbox of another one, whatever its name at this moment. */
export async function expectOwn(lane: Lane, name: ScenarioName, before: Before): Promise<void> {
  const { ids, directories } = before.picture;
  const now = await picture(lane.simulator);
  const { accounts } = await lane.simulator.control.truth();
  for (const account of accounts) {
    const inode = now.directories[account.name]?.inode;
    const whose = Object.keys(directories).find((old) => directories[old]?.inode === inode);
    if (whose === undefined) continue;
    expect(ownerOf(account, becomesOf(name), ids), `who opens the mail of ${whose}`).toBe(whose);
  }
}
