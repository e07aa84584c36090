import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { complained, type Call, type CommandContext, type Reply } from "./commands/command";
import { initScript, service } from "./commands/init-script";
import { launchctl } from "./commands/launchctl";
import { systemctl } from "./commands/systemctl";

const commands: Record<string, (call: Call, context: CommandContext) => Promise<Reply>> = {
  systemctl,
  service,
  launchctl,
  "kerio-connect": initScript,
};

/**
 * The socket through which the commands of the host reach the service manager. What is asked and answered are texts with
 * a NUL between them, which neither can hold: the user id that the caller believes to have, command, arguments · exit
 * code, output, complaints.
 */
export class CommandSocket {
  private readonly server: Server;

  constructor(
    private readonly file: string,
    private readonly context: CommandContext,
  ) {
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.serve(socket));
  }

  async open(): Promise<void> {
    rmSync(this.file, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(this.file, resolve);
    });
  }

  close(): void {
    this.server.close();
    rmSync(this.file, { force: true });
  }

  private serve(socket: Socket): void {
    let text = "";
    // A caller that was killed while it waited is no failure of ours; the command goes on, as with systemd.
    socket.on("error", () => socket.destroy());
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => (text += part));
    socket.once("end", () => {
      this.answer(text).then(
        (reply) => socket.end(onWire(reply)),
        (error: unknown) => socket.end(onWire(complained(`${String(error)}\n`))),
      );
    });
  }

  private async answer(text: string): Promise<Reply> {
    const [uid, name = "", ...args] = text.split("\0");
    const command = commands[name];
    if (!command) return complained(`${name}: command not found\n`, 127);
    return command({ args, root: uid === "0" }, this.context);
  }
}

function onWire({ code, stdout, stderr }: Reply): string {
  return [code, stdout, stderr].join("\0");
}
