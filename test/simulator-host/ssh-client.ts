import { readFileSync } from "node:fs";
import { Client, type ConnectConfig } from "ssh2";
import type { StandInInfo } from "../simulator/host/stand-in";

/** What a command printed, and how it ended. */
export interface Outcome {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** Logs in to the stand-in; rejects with the library's error. The host key must be the announced one. */
export function logIn({ ssh }: StandInInfo, more: Partial<ConnectConfig> = {}): Promise<Client> {
  const client = new Client();
  const hostKey = Buffer.from(ssh.hostKey.split(" ")[1] ?? "", "base64");
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve(client));
    // It stays: a connection that was given up, or that a test cuts, says so once more.
    client.on("error", reject);
    client.connect({
      host: ssh.host,
      port: ssh.port,
      username: ssh.user,
      privateKey: readFileSync(ssh.privateKeyFile),
      hostVerifier: (key: Buffer) => key.equals(hostKey),
      readyTimeout: 10_000,
      ...more,
    });
  });
}

/** Runs a command, with `stdin` sent and closed. */
export function run(client: Client, command: string, stdin: string | Buffer = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const outcome: Outcome = { code: null, signal: null, stdout: "", stderr: "" };
      channel.on("data", (part: Buffer) => (outcome.stdout += part.toString("latin1")));
      channel.stderr.on("data", (part: Buffer) => (outcome.stderr += part.toString("latin1")));
      channel.on("exit", (code: number | null, signal?: string) => {
        outcome.code = code;
        outcome.signal = signal ?? null;
      });
      channel.on("close", () => resolve(outcome));
      channel.end(stdin);
    });
  });
}

/** One login for one command. */
export async function runOnce(info: StandInInfo, command: string, stdin?: string): Promise<Outcome> {
  const client = await logIn(info);
  try {
    return await run(client, command, stdin);
  } finally {
    client.end();
  }
}
