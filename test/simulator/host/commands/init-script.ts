import { complained, printed, unitName, type Call, type CommandContext, type Reply } from "./command";

const title = "Kerio Connect";

/** The init script: `kerio-connect start|stop|restart|status`. Only the words for "running" are known from a real one. */
export async function initScript(call: Call, context: CommandContext): Promise<Reply> {
  const { manager } = context;
  const verb = call.args[0] ?? "";
  if (verb === "status") {
    return manager.engine ? printed(`${title} is running..\n`) : printed(`${title} is stopped..\n`, 3);
  }
  if (!["start", "stop", "restart"].includes(verb))
    return printed(`Usage: ${unitName} {start|stop|restart|status}\n`, 2);
  if (!call.root) return complained(`${title}: you must be root to do this.\n`, 4);
  if (verb !== "start") {
    if (context.stopRefused()) return complained(`Stopping ${title}: operation not permitted\n`, 1);
    await manager.stop();
    if (verb === "stop") {
      const killed = manager.state.result === "timeout";
      return printed(killed ? `Stopping ${title}: killed\n` : `Stopping ${title}: done\n`);
    }
  }
  const job = manager.start();
  if (!context.waitForReady && manager.state.active === "activating") return printed(`Starting ${title}\n`);
  return (await job) === "done" ? printed(`Starting ${title}: done\n`) : complained(`Starting ${title}: failed\n`);
}

/** `service NAME VERB` on a host without systemd. */
export async function service(call: Call, context: CommandContext): Promise<Reply> {
  const [name = "", ...args] = call.args;
  if (name === "--status-all") return printed(` [ ${context.manager.engine ? "+" : "-"} ]  ${unitName}\n`);
  if (name !== unitName) return complained(`${name}: unrecognized service\n`);
  return initScript({ ...call, args }, context);
}
