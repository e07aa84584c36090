import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProcess } from "./end-process";

async function running(onTerm: string): Promise<ChildProcess> {
  const script = `process.on("SIGTERM", () => { ${onTerm} }); setInterval(() => {}, 1000); console.log("ready");`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test("a process that heeds the request ends by itself", async () => {
  const child = await running("process.exit(0)");
  expect(await endProcess(child, 30_000)).toBe("ended");
  expect(child.exitCode).toBe(0);
  expect(await endProcess(child, 30_000)).toBe("ended");
});

test("a process that does not is killed, and gone when that is said", async () => {
  const child = await running("");
  expect(await endProcess(child, 200)).toBe("killed");
  expect(child.signalCode).toBe("SIGKILL");
});
