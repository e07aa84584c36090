import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startSimulator } from "../helpers/start-simulator";
import { announcement } from "./announcement";
import { serverFromEnvironment, type ContractServer } from "./contract-server";
import { ownServer } from "./own-server";
import type { Answer, Probe, Verdict } from "./probe";
import { areas } from "./probes/areas";
import { reportOf } from "./report";
import { runContract } from "./run-contract";

const usage = `usage: npm run contract [-- [--report FILE] [--beyond] [--only AREA …]]
  --report FILE  write what the server answered, Markdown
  --beyond       ask as well what is not confined to names under the prefix
  --only AREA    ask only about this: ${Object.keys(areas).join(", ")}
Without KERIO_CONTRACT_URL a stand-in is started and asked. For a real server:
  KERIO_CONTRACT_URL, KERIO_CONTRACT_USERNAME, KERIO_CONTRACT_PASSWORD, KERIO_CONTRACT_DOMAIN;
  KERIO_CONTRACT_CA_FILE, KERIO_CONTRACT_SMTP_HOST, KERIO_CONTRACT_SMTP_PORT, KERIO_CONTRACT_SMTP_FROM,
  KERIO_CONTRACT_PREFIX; with --beyond KERIO_CONTRACT_CONFIRM, which repeats the host's name.`;

const wrong: Verdict[] = ["fact wrong", "not as assumed", "failed"];

interface Options {
  report?: string;
  beyond: boolean;
  only: string[];
}

/** The command `contract`: asks one server every question. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      report: { type: "string" },
      beyond: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: Object.keys(areas) },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const real = serverFromEnvironment(process.env);
  if (real && values.beyond) refuseUnconfirmed(real);
  if (real) return ask(real, values);
  const simulator = await startSimulator();
  try {
    return await ask(ownServer(simulator.info), values);
  } finally {
    await simulator.stop();
  }
}

async function ask(server: ContractServer, { report, beyond, only }: Options): Promise<number> {
  const chosen = Object.fromEntries(only.map((area) => [area, questionsOf(area)]));
  // Before anything is asked, so that no run is lost because its report cannot be written.
  if (report !== undefined) writeFileSync(report, "The run has not ended yet.\n");
  console.log(`${announcement(server, chosen, beyond)}\n`);
  const signal = interruption();
  const result = await runContract(server, {
    areas: chosen,
    beyond,
    signal,
    heard: (answer) => console.log(lineOf(answer)),
  });
  const text = reportOf(result);
  if (report === undefined) console.log(`\n${text.slice(0, text.indexOf("\n## ", text.indexOf("## What to do") + 1))}`);
  else writeFileSync(report, text);
  if (report !== undefined) console.log(`\nThe report is in ${report}`);
  if (signal.aborted) return 130;
  return result.left !== undefined || result.answers.some(({ verdict }) => wrong.includes(verdict)) ? 1 : 0;
}

function questionsOf(area: string): readonly Probe[] {
  const questions = areas[area];
  if (!questions) throw new Error(`--only: there is no ${area}, but ${Object.keys(areas).join(", ")}`);
  return questions;
}

function refuseUnconfirmed({ url }: ContractServer): void {
  const { hostname } = new URL(url);
  if (process.env["KERIO_CONTRACT_CONFIRM"] === hostname) return;
  throw new Error(
    `--beyond does more than make and remove things under the prefix; set KERIO_CONTRACT_CONFIRM=${hostname} to allow it`,
  );
}

/** Aborted by the first signal, after which everything is removed; the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      console.error("interrupted: what was made is being removed; once more, and it stays until the next run");
      controller.abort();
    });
  }
  return controller.signal;
}

function lineOf({ area, probe, verdict, seen, value }: Answer): string {
  const setting = "settles" in probe && value !== undefined ? ` ${probe.settles}=${value}` : "";
  return `${verdict.padEnd(14)} ${area}: ${probe.question} ${seen}${setting && ` →${setting}`}`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    // The server's own words: nothing keeps it from repeating what it was sent.
    console.error(message.replaceAll(process.env["KERIO_CONTRACT_PASSWORD"] || "\0", "(secret)"));
    process.exit(2);
  },
);
