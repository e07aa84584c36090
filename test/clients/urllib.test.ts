import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

const hasPython = spawnSync("python3", ["-c", "import ssl, http.cookiejar"]).status === 0;

let simulator: Simulator | undefined;
beforeAll(async () => {
  if (hasPython) simulator = await startSimulator();
});
afterAll(() => simulator?.stop());

describe("Python's urllib with a cookie jar", () => {
  it("logs in, works, and logs out, also through the browser's form", async ({ skip }) => {
    if (!simulator) return skip("python3 with ssl is not on this machine");
    const { adminUrl, caFile, admin } = simulator.info;
    const script = join(__dirname, "urllib_client.py");
    const { stdout } = await promisify(execFile)("python3", [script, adminUrl, caFile, admin.user, admin.password], {
      timeout: 45_000,
    });
    expect(JSON.parse(stdout)).toEqual({
      wrongPassword: "Username or password is not correct.",
      tokenIsCookie: true,
      created: [0],
      refused: [1],
      csv: "jdoe;;;;;",
      secondLogout: -32001,
      formLedTo: "/admin/",
      formUser: admin.user,
    });
  });
});
