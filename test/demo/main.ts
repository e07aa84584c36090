import { parseArgs } from "node:util";
import type { Claim } from "./claims";
import { heading, line, plural, style } from "./output";
import { play } from "./script";
import { openStage, type Stage } from "./stage";
import { Undo } from "./undo";

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
  const keep = values.keep === true;
  const undo = new Undo();
  endOnSignal(undo);
  process.stdout.write(`${style.bold("A changed name in code becomes a renamed mailbox")}\n`);
  line(style.dim("A stand-in mail server is starting, on free ports and in a temporary directory …"));
  let stage: Stage | undefined;
  let code = 1;
  try {
    stage = await openStage(undo);
    code = judge(await play(stage, { keep }));
  } catch (error) {
    // What fails because everything is being ended is no news.
    if (!undo.hasBegun) process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
  }
  if (undo.hasBegun) {
    await undo.run();
    return Number(process.exitCode);
  }
  // Where a step has failed, what is kept is there to be looked at.
  if (keep && stage) goOn(stage);
  else if (!(await cleanUp(undo))) code = 1;
  return code;
}

/** A demo that is interrupted, at whatever moment, leaves nothing behind. */
function endOnSignal(undo: Undo): void {
  // A terminal that has gone takes no more output, and must not keep the rest from being ended.
  process.stdout.on("error", () => undefined);
  for (const [signal, code] of [["SIGHUP", 129] as const, ["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
    process.on(signal, () => {
      if (undo.hasBegun) return;
      process.exitCode = code;
      line();
      line(`${signal}: ending what has been started …`);
      void undo.run().then(() => process.exit(code));
    });
  }
}

function judge(claims: readonly Claim[]): number {
  heading("What was claimed, checked against the server's truth");
  for (const { text, holds, found } of claims) {
    line(holds ? `${style.green("✓")} ${text}` : `${style.red("✗")} ${text}\n      ${found}`);
  }
  const wrong = claims.filter(({ holds }) => !holds).length;
  if (wrong > 0) line(style.red(`${plural(wrong, "claim")} of ${claims.length} false.`));
  return wrong === 0 ? 0 : 1;
}

async function cleanUp(undo: Undo): Promise<boolean> {
  heading("Clean-up");
  return undo.run();
}

function goOn(stage: Stage): void {
  const { info, pid } = stage.server;
  heading("Going on by hand");
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
  const ended = `while kill -0 ${pid} 2>/dev/null; do sleep 1; done`;
  line(`The end: kill ${pid}; ${ended}; rm -r ${stage.directory}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
