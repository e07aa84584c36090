import { renameFates, type Outlook } from "../rename/outlook";
import { recoverAll, type Recovered } from "../rename/recover-all";
import { renameStates } from "../rename/rename-state";
import { age } from "./age";
import type { Arguments } from "./arguments";
import { openServer } from "./open-server";
import type { Output } from "./output";

/** Shows what is open and brings it to its end. Answers the exit code: 3 when something is open still. */
export async function recover(args: Extract<Arguments, { command: "recover" }>, output: Output): Promise<number> {
  const server = await openServer(args, output.log);
  const { dryRun, wait } = args;
  let open: Outlook[] = [];
  let recovered: Recovered[];
  try {
    recovered = await recoverAll(server, {
      dryRun,
      ...(wait !== undefined && { wait }),
      onSeen: (seen) => {
        open = seen;
        output.say(seen.length === 0 ? "Nothing is open." : ["Open:", ...seen.map(openLine)].join("\n"));
      },
    });
  } finally {
    await server.client.logout();
  }
  output.document({ server: server.settings.api.url, dryRun, open, recovered });
  for (const one of recovered) output.say(endLine(one));
  if (recovered.some((one) => one.result === "finished")) output.say(heal);
  const isLeft = dryRun ? open.length > 0 : recovered.some((one) => one.result === "open");
  return isLeft ? 3 : 0;
}

const heal =
  "A stack that knows a renamed account under its old name takes the new one over with its next `pulumi up` or " +
  "`pulumi refresh`, within 30 days.";

function openLine({ from, to, begun, state, will }: Outlook): string {
  return `  ${from} → ${to}, begun ${age(begun)}: ${renameStates[state]}; ${renameFates[will]}.`;
}

function endLine({ from, to, result, passwordUnknown, error }: Recovered): string {
  if (result === "rolled-back") {
    return `${from} → ${to}: rolled back, the account ${from} is as it was.${error === undefined ? "" : ` ${error}`}`;
  }
  if (result === "domain-gone") return `${from} → ${to}: over. ${error ?? ""}`;
  if (result === "open") return `${from} → ${to}: still open. ${error ?? ""}`;
  const password = passwordUnknown
    ? " Nobody knows its password: the next `pulumi up` sets the program's, or tells a new one."
    : "";
  return `${from} → ${to}: finished.${password}`;
}
