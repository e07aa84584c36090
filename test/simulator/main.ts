import { readOptions, usage } from "./host/options";
import { StandIn } from "./host/stand-in";

/** The command `simulator`: a stand-in mail host on one state directory, until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  let stopWanted: (signal: string) => void = () => undefined;
  const stopped = new Promise<string>((resolve) => (stopWanted = resolve));
  process.on("SIGTERM", () => stopWanted("SIGTERM"));
  process.on("SIGINT", () => stopWanted("SIGINT"));
  // Whoever started us may close our output long before we end.
  process.stdout.on("error", () => undefined);
  const standIn = await StandIn.start(options);
  const { info } = standIn;
  if (options.json) console.log(JSON.stringify(info));
  else console.log(asText(info));
  await stopped;
  await standIn.stop();
}

function asText(info: StandIn["info"]): string {
  const { ssh } = info;
  return [
    `administration  ${info.adminUrl}  (${info.admin.user} / ${info.admin.password}, authority in ${info.caFile})`,
    `smtp            ${info.smtp.host}:${info.smtp.port}`,
    `submission      ${info.submission.host}:${info.submission.port}`,
    `imap            ${info.imap.host}:${info.imap.port}`,
    `ssh             ssh -i ${ssh.privateKeyFile} -p ${ssh.port} ${ssh.user}@${ssh.host}  (host key ${ssh.hostKey})`,
    `store           ${info.store}`,
    `control         ${info.control}`,
    "Ctrl-C stops it.",
  ].join("\n");
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    if (error instanceof TypeError || /^--/.test(String((error as Error).message))) console.error(usage);
    process.exit(1);
  },
);
