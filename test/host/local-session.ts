import { spawn } from "node:child_process";
import { commandLine, frame, newMark, replyOf } from "../../provider/host/frame";
import type { HostCommand, HostReply, HostSession } from "../../provider/host/session";

/** A session without SSH: the same framed scripts, in a real shell on this machine. */
export class LocalSession implements HostSession {
  readonly root = "direct";
  readonly description = "local";
  /** Command lines and inputs as they were sent. */
  readonly sent: { line: string; input: string }[] = [];
  /** Set to make the next commands fail as a lost connection does. */
  broken = false;
  /** Bytes at the end of what is sent that never arrive, as when a connection is cut in the middle. */
  lostBytes = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly environment: Record<string, string>,
    private readonly banner = "",
  ) {}

  run(command: HostCommand): Promise<HostReply> {
    const result = this.#tail.then(() => this.#run(command));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async renew(): Promise<void> {
    await this.#tail;
  }

  async close(): Promise<void> {
    await this.#tail;
  }

  #run(command: HostCommand): Promise<HostReply> {
    const mark = newMark();
    const line = `${this.banner}${commandLine("direct")}`;
    const input = frame(command, mark);
    this.sent.push({ line, input });
    return new Promise((resolve, reject) => {
      if (this.broken) return reject(Object.assign(new Error("lost"), { code: "SSH_FAILED", outcome: "unknown" }));
      const child = spawn("sh", ["-c", line], { env: this.environment, timeout: command.timeout * 1000 });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      child.stdin.on("error", () => undefined);
      child.on("error", reject);
      child.on("close", () => {
        try {
          resolve(replyOf({ stdout, stderr }, mark, command, "local"));
        } catch (error) {
          reject(error as Error);
        }
      });
      child.stdin.end(Buffer.from(input).subarray(0, Buffer.byteLength(input) - this.lostBytes));
    });
  }
}
