import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";

let packages: { directory?: string; reason?: string } = {};
let simulator: Simulator | undefined;

beforeAll(async () => {
  packages = await install();
  if (packages.directory !== undefined) simulator = await startSimulator();
}, 180_000);
afterAll(() => simulator?.stop());

/** The library as it is published, of the version and with the hash in requirements.txt. */
async function install(): Promise<typeof packages> {
  // A dynamic import with a variable: the toolchain is plain JavaScript outside the program that tsc builds.
  const module = pathToFileURL(join(__dirname, "..", "toolchain", "python-packages.mjs")).href;
  const { pythonPackages } = (await import(module)) as {
    pythonPackages(requirements: string): Promise<typeof packages>;
  };
  return pythonPackages(join(__dirname, "requirements.txt"));
}

describe("PyKerio, a client library by others", () => {
  it("logs in, works, and logs out, with its own types around what the server answers", async ({ skip }) => {
    if (!simulator) return skip(packages.reason ?? "PyKerio could not be installed");
    const { adminUrl, caFile, admin } = simulator.info;
    const { hostname, port } = new URL(adminUrl);
    const args = [join(__dirname, "pykerio_client.py"), hostname, port, admin.user, admin.password];
    const env = { ...process.env, PYTHONPATH: packages.directory, SSL_CERT_FILE: caFile };
    const { stdout } = await promisify(execFile)("python3", args, { timeout: 45_000, env });
    expect(JSON.parse(stdout)).toEqual({
      wrongPassword: "Username or password is not correct.",
      anonymous: expect.stringMatching(/./),
      created: [0, 2],
      refused: [1],
      refusedFor: ["j doe"],
      found: ["jsmith", "jdoe"],
      limit: [true, 2, true],
      constants: true,
      secondLogout: expect.stringMatching(/./),
    });
  });
});
