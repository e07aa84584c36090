import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { address, freePort } from "../simulator/host/ports";

const portsModule = join(__dirname, "../../dist/test/simulator/host/ports.js");

/** The port that another process gets that would like this one. */
function portElsewhere(before: number): number {
  const text = `require(${JSON.stringify(portsModule)}).freePort(0, ${before}, new Set()).then((port) => console.log(port))`;
  return Number(execFileSync(process.execPath, ["-e", text], { encoding: "utf8" }));
}

it("keeps a port for a listener that is closed meanwhile, and gives it back to who had it", async (context) => {
  if (process.platform !== "linux") context.skip("127.0.0.2 answers on Linux alone");
  const port = await freePort(0, undefined, new Set());
  expect(portElsewhere(port)).not.toBe(port);
  expect(await freePort(0, port, new Set())).toBe(port);
});

it("hands out no port that somebody listens on, nor one that was handed out", async () => {
  const port = await freePort(0, undefined, new Set());
  const listener = createServer().listen(port, address);
  await new Promise((resolve) => listener.once("listening", resolve));
  expect(await freePort(0, port, new Set())).not.toBe(port);
  await new Promise((resolve) => listener.close(resolve));
  expect(await freePort(0, port, new Set([port]))).not.toBe(port);
});
