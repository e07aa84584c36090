import { effects } from "../../../provider/rename/effects";
import { effectsOf, nameOf, pointsOf } from "./points";
import { troubles, type TroubleName } from "./troubles";

const intro = `# Died here

What a rename leaves when it dies, whoever dies: our process, the connection, the laptop. Wherever that is, the supervisor
on the mail host waits for \`kerio:timeouts.supervisor\` seconds and then ends the run: service running, every listener
open, the host free for the next run. The next run is the same \`pulumi up\`, or \`npx pulumi-kerio recover\`; it looks at
the server and does what the last column says. Nobody has to do anything by hand, and no mail is lost meanwhile.

This page is made from the steps themselves. \`npm run crash-matrix\` dies at every one of these points.

## Our side

In the order of the steps, and last what a run writes that cannot be carried out and is taken back; with \`kerio:renameOrder: article\` the new account is made after the service was stopped, and the next run goes on from there.
`;

const between = `
## The mail host's side

What can go wrong there while a rename is at work. The run that meets it ends by itself, and says what it met.
`;

/** The page docs/crash-table.md. */
export function crashTable(): string {
  const steps = [...new Set(effectsOf("accountFirst"))];
  // The steps that only a chain of names has.
  steps.splice(steps.indexOf("see-adoption"), 0, "place-mailboxes");
  steps.splice(steps.indexOf("repoint"), 0, "lift-interim");
  steps.push("roll-back");
  const own = steps.map((step) => {
    const points = pointsOf(step, { inChains: true }).map((point) =>
      nameOf(point).replace(`${step}: `, "").replace(` ${step}`, ""),
    );
    return [
      `**${step}**<br>${points.length > 0 ? points.join("<br>") : "changes nothing"}`,
      effects[step].server,
      effects[step].next.text,
    ];
  });
  const host = (Object.keys(troubles) as TroubleName[]).map((name) => {
    const { server, next } = troubles[name];
    return [name, server, next.text];
  });
  return [intro, table("died here", own), between, table("met there", host)].join("\n");
}

function table(first: string, rows: string[][]): string {
  const head = [first, "what the server looks like", "what the next run does"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
