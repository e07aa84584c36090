import { expect } from "vitest";
import { ownerOf } from "../owner-of";
import { domain } from "../stage";
import type { Before } from "./expect-state";
import type { Lane } from "./lane";
import { becomesOf, type ScenarioName } from "./scenarios";

/** Nobody can open the mailbox of another one, whatever its name at this moment. */
export async function expectOwn(lane: Lane, name: ScenarioName, before: Before): Promise<void> {
  const { ids, directories } = before.picture;
  const { control } = lane.simulator;
  const now = await control.directories(domain);
  // While the server is away nobody opens anything.
  const accounts = (await control.truth().catch(() => undefined))?.accounts ?? [];
  for (const account of accounts) {
    const inode = now.find((directory) => directory.name === account.name)?.inode;
    const whose = Object.keys(directories).find((old) => directories[old]?.inode === inode);
    if (whose === undefined) continue;
    expect(ownerOf(account, becomesOf(name), ids), `who opens the mail of ${whose}`).toBe(whose);
  }
}
