import { connect } from "node:net";

// What the commands in DIR/bin run: `shim.js SOCKET COMMAND ARGUMENTS…`.
const [, , socketFile = "", command = "", ...args] = process.argv;
const uid = Number(process.env.STAND_IN_UID ?? "0");
let text = "";
const socket = connect(socketFile);
socket.setEncoding("utf8");
socket.on("error", (error) => {
  process.stderr.write(`Failed to connect to bus: ${error.message}\n`);
  process.exitCode = 1;
});
socket.on("data", (part: string) => (text += part));
socket.on("end", () => {
  if (text === "") return void (process.exitCode = 1);
  const reply = JSON.parse(text) as { code: number; stdout: string; stderr: string };
  process.stdout.write(reply.stdout);
  process.stderr.write(reply.stderr);
  process.exitCode = reply.code;
});
socket.end(JSON.stringify({ command, args, uid }));
