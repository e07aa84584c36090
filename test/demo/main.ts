import { parseArgs } from "node:util";
import { succeeded } from "../helpers/pulumi-project";
import type { Claim } from "./claims";
import { heading, line, plural, style } from "./output";
import { play } from "./script";
import { openStage, type Stage } from "./stage";

const usage = `npm run demo [-- --keep]

Renames a mailbox through the real Pulumi engine, on a stand-in mail server in a temporary directory.
  --keep   leaves server and stack running, and says how to go on by hand`;

/** The demo: plays the story, judges its claims by the server's truth, cleans up. Resolves with the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { keep: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  process.stdout.write(`${style.bold("A changed name in code becomes a renamed mailbox")}\n`);
  line(style.dim("A stand-in mail server is starting, on free ports and in a temporary directory …"));
  const stage = await openStage();
  const interrupted = (): void => {
    stage.close().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const code = judge(await play(stage));
    if (!values.keep) await cleanUp(stage);
    return code;
  } finally {
    // Where a step has failed, what is kept is there to be looked at.
    if (values.keep) goOn(stage);
    else await stage.close();
  }
}

function judge(claims: readonly Claim[]): number {
  heading(6, "What was claimed, checked against the server's truth");
  for (const { text, holds, found } of claims) {
    line(holds ? `${style.green("✓")} ${text}` : `${style.red("✗")} ${text}\n      ${found}`);
  }
  const wrong = claims.filter(({ holds }) => !holds).length;
  if (wrong > 0) line(style.red(`${plural(wrong, "claim")} of ${claims.length} false.`));
  return wrong === 0 ? 0 : 1;
}

async function cleanUp({ project }: Stage): Promise<void> {
  heading(7, "Clean-up");
  succeeded(await project.destroy());
  line("Stack destroyed, server stopped, temporary directory removed.");
}

function goOn(stage: Stage): void {
  const { info, pid } = stage.server;
  heading(7, "Going on by hand");
  line(`. ${stage.writeEnvironment()}     ${style.dim("# settings; changes into the program's directory")}`);
  line(`$EDITOR index.ts && pulumi preview --diff && pulumi up`);
  line();
  line(`administration API  ${info.adminUrl} (certificate authority ${info.caFile})`);
  line(`administrator       ${info.admin.user}, password: pulumi config get kerio:password`);
  line(`mail in             smtp://${info.smtp.host}:${info.smtp.port}`);
  line(`mail host           ssh -i ${info.ssh.privateKeyFile} -p ${info.ssh.port} ${info.ssh.user}@${info.ssh.host}`);
  line(`store               ${info.store}`);
  line(`the truth           curl ${info.control}/truth`);
  line();
  line(`The end: kill ${pid}; rm -r ${stage.directory}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
