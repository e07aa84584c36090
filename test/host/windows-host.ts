import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Server, utils, type ServerChannel } from "ssh2";

/** What sshd on Windows is set up to run commands with; cmd.exe where nobody has chosen. */
export type WindowsShell = "cmd.exe" | "PowerShell" | "Git Bash";

/** An SSH server that answers as the one of Windows does. */
export interface WindowsHost {
  port: number;
  hostKey: string;
  /** The command lines that came in. */
  asked: string[];
  close(): Promise<void>;
}

const version = "\r\nMicrosoft Windows [Version 10.0.20348.2113]\r\n";

/** Standard error and exit code of a command line that is none there. */
const refusals = {
  // Redirections come before the command: there is no /dev/null.
  "cmd.exe": "The system cannot find the path specified.\r\n",
  PowerShell: [
    "exec : The term 'exec' is not recognized as the name of a cmdlet, function, script file, or operable program. ",
    "Check the spelling of the name, or if a path was included, verify that the path is correct and try again.",
    "At line:1 char:1",
    "+ exec sh -c 'IFS= read -r n; ...",
    "+ ~~~~",
    "    + CategoryInfo          : ObjectNotFound: (exec:String) [], CommandNotFoundException",
    "    + FullyQualifiedErrorId : CommandNotFoundException",
    " ",
    "",
  ].join("\r\n"),
};

/**
 * Starts one that lets anybody in. Git Bash is a POSIX shell in which the administrator's number is not 0, there is no
 * sudo, and cmd.exe is given `C:\` for `/c`. `tools` is a directory with the commands it has; `scratch` an empty one.
 */
export async function startWindowsHost(
  shell: WindowsShell,
  { tools, scratch }: { tools: string; scratch: string },
): Promise<WindowsHost> {
  const key = utils.generateKeyPairSync("ed25519");
  const asked: string[] = [];
  const bin = join(scratch, "bin");
  mkdirSync(bin, { recursive: true });
  const command = (name: string, body: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  command("id", "echo 197108");
  command("uname", "echo MINGW64_NT-10.0-20348");
  command("cmd.exe", `printf '${version.trim()}\\r\\n(c) Microsoft Corporation. All rights reserved.\\r\\n'`);
  const run = (line: string, channel: ServerChannel): void => {
    asked.push(line);
    if (shell === "Git Bash") return runInShell(line, channel, { PATH: `${bin}:${tools}`, HOME: scratch });
    const isKnown = line === "cmd.exe /c ver";
    if (isKnown) channel.write(version);
    else channel.stderr.write(refusals[shell]);
    channel.exit(isKnown ? 0 : 1);
    channel.end();
  };
  const server = new Server({ hostKeys: [key.private], ident: "OpenSSH_for_Windows_8.1" }, (client) => {
    client.on("error", () => client.end());
    client.on("authentication", (context) => context.accept());
    client.on("session", (accept) => {
      accept().on("exec", (take, _reject, { command: line }) => run(line, take()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: key.public,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function runInShell(line: string, channel: ServerChannel, env: Record<string, string>): void {
  const child = spawn("/bin/sh", ["-c", line], { env });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once("close", (code) => {
    channel.exit(code ?? 255);
    channel.end();
  });
}
