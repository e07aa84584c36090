import { overview, writtenStates, type SnapshotOverview } from "../rename/overview";
import { age } from "./age";
import type { Arguments } from "./arguments";
import { openServer } from "./open-server";
import type { Output } from "./output";

/** Lists open and closed snapshots. Answers the exit code: 3 while one is open. */
export async function status(args: Extract<Arguments, { command: "status" }>, output: Output): Promise<number> {
  const server = await openServer(args, output.log);
  const { holder, snapshots } = await overview(server);
  output.document({ server: server.settings.api.url, holder: holder ?? null, snapshots });
  if (holder?.alive) output.say(`The mail host is held by ${holder.owner}.`);
  if (holder?.alive === false) {
    output.say(`A run of ${holder.owner} died while it held the mail host; \`pulumi-kerio recover\` ends it.`);
  }
  const open = snapshots.filter((snapshot) => snapshot.open);
  for (const [title, some] of [
    ["Open", open],
    ["Closed", snapshots.filter((snapshot) => !snapshot.open)],
  ] as const) {
    if (some.length > 0) output.say([`${title}:`, ...some.flatMap(lines)].join("\n"));
  }
  if (snapshots.length === 0) output.say("No rename has left anything on the mail host.");
  return open.length > 0 ? 3 : 0;
}

function lines({ id, begun, renames, unreadable }: SnapshotOverview): string[] {
  if (unreadable !== undefined) return [`  ${id}: ${unreadable}`];
  const when = begun === undefined ? "" : `, begun ${age(begun)}`;
  return renames.map(({ from, to, state }) => `  ${from} → ${to}: ${writtenStates[state]}${when} (snapshot ${id})`);
}
