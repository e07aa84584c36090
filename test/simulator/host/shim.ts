import { connect } from "node:net";

// What the commands in DIR/bin run where there is no perl: `shim.js SOCKET COMMAND ARGUMENTS…`.
const [, , socketFile = "", ...call] = process.argv;
let reply = "";
const socket = connect(socketFile);
socket.setEncoding("utf8");
socket.on("error", (error) => {
  process.stderr.write(`Failed to connect to bus: ${error.message}\n`);
  process.exitCode = 1;
});
socket.on("data", (part: string) => (reply += part));
socket.on("end", () => {
  const [code, stdout, stderr] = reply.split("\0");
  if (code === undefined || stdout === undefined || stderr === undefined) return void (process.exitCode = 1);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = Number(code);
});
socket.end([process.env.STAND_IN_UID ?? "0", ...call].join("\0"));
