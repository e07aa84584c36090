import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { mark } from "./cleanup";
import { standardPrefix as prefix } from "./contract-server";

const script = resolve(__dirname, "../../dist/test/contract/main.js");

let simulator: Simulator;
let directory: string;
let report: string;
beforeAll(async () => {
  simulator = await startSimulator({ switches: { "silent-connection-seconds": "2", "unknown-method": "hang" } });
  directory = mkdtempSync(join(tmpdir(), "contract-"));
  report = join(directory, "report.md");
});
afterAll(async () => {
  await simulator?.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  output: string;
}

/** Runs the command as against a real server; `heard` sees everything printed so far, after each part. */
function contract(
  args: string[] = [],
  env: Record<string, string> = {},
  heard: (output: string, signal: (name: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Ended> {
  const { info } = simulator;
  const child = spawn(process.execPath, [script, "--report", report, ...args], {
    env: {
      PATH: process.env["PATH"] ?? "",
      KERIO_CONTRACT_URL: info.adminUrl,
      KERIO_CONTRACT_USERNAME: info.admin.user,
      KERIO_CONTRACT_PASSWORD: info.admin.password,
      KERIO_CONTRACT_DOMAIN: "example.com",
      KERIO_CONTRACT_CA_FILE: info.caFile,
      KERIO_CONTRACT_SMTP_HOST: info.smtp.host,
      KERIO_CONTRACT_SMTP_PORT: String(info.smtp.port),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const hear = (part: string) => {
    output += part;
    heard(output, (name) => child.kill(name));
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  return new Promise((done) => child.once("close", (code) => done({ code, output })));
}

const only = (...areas: string[]) => areas.flatMap((each) => ["--only", each]);

async function namesOnTheServer(): Promise<string[]> {
  const { accounts, aliases, groups, mailingLists, resources, domains } = await simulator.control.truth();
  const rows: Record<string, unknown>[] = [accounts, aliases, groups, mailingLists, resources, domains].flat();
  const mailboxes = await simulator.control.directories("example.com");
  return [...rows, ...mailboxes].map(({ name }) => String(name)).filter((name) => name.startsWith(prefix));
}

describe("the command that asks a server", () => {
  it("says first what it will do, tells no secret, and leaves nothing", async () => {
    const { code, output } = await contract(only("session", "users", "domains", "limits"));
    expect(code).toBe(0);
    const announced = output.indexOf(`all of them beginning with ${prefix}`);
    expect(announced).toBeGreaterThan(0);
    expect(announced).toBeLessThan(output.indexOf("as expected"));
    const text = readFileSync(report, "utf8");
    expect(text).toContain("--switch unknown-method=hang --switch silent-connection-seconds=2");
    expect(text).toContain("asked with --beyond only");
    for (const secret of [simulator.info.admin.password]) expect(text + output).not.toContain(secret);
    expect(text + output).not.toMatch(/Xq7-[\w-]{16}|\b[0-9a-f]{64}\b/);
    expect(await namesOnTheServer()).toEqual([]);
    const calls = (await simulator.control.calls()).map(({ method }) => method);
    expect(calls.filter((each) => /^(Services|Server)\.(stop|start|restart|set|reboot)/.test(each))).toEqual([]);
  });

  it("removes everything when it is interrupted, and writes what it has heard", async () => {
    let interrupted = false;
    const { code, output } = await contract(only("users", "contacts", "delivery"), {}, (heard, signal) => {
      if (interrupted || !heard.includes("users: Does `set` leave alone")) return;
      interrupted = true;
      signal("SIGINT");
    });
    expect({ code, output }).toMatchObject({ code: 130, output: expect.stringContaining("interrupted") as string });
    const text = readFileSync(report, "utf8");
    expect(text).toMatch(/[1-9]\d* as expected, .* [1-9]\d* not asked/);
    expect(text).toContain("the run was interrupted");
    expect(await namesOnTheServer()).toEqual([]);
  });

  it("removes first what a killed run has left, also a mailbox without an account and a domain", async () => {
    let died = false;
    const killed = await contract(only("users", "mailbox"), {}, (heard, signal) => {
      if (died || !heard.includes("users: Is a name with a space")) return;
      died = true;
      signal("SIGKILL");
    });
    expect(killed.code).toBeNull();
    const [domain] = (await simulator.control.truth()).domains as { id: string }[];
    const users = [
      { domainId: domain?.id, loginName: `${prefix}left`, password: "Xk7-pretty-long", description: mark },
    ];
    const { result } = await simulator.adminCall<{ result: { id: string }[] }>("Users.create", { users });
    await simulator.deliver({ to: `${prefix}left@example.com`, subject: "Left" });
    const request = { userId: result[0]?.id, method: "UDeleteUser", removeReferences: false, targetUserId: "" };
    await simulator.adminCall("Users.remove", { requests: [request] });
    await simulator.adminCall("Domains.create", { domains: [{ name: `${prefix}left.invalid`, description: mark }] });
    expect(await namesOnTheServer()).toEqual(expect.arrayContaining([`${prefix}left`, `${prefix}left.invalid`]));
    const { code } = await contract(only("batch"));
    expect(code).toBe(0);
    expect(readFileSync(report, "utf8")).toContain(`${prefix}left.invalid (domains)`);
    expect(await namesOnTheServer()).toEqual([]);
  });

  it("refuses to touch what bears the prefix and is not its own", async () => {
    const [domain] = (await simulator.control.truth()).domains as { id: string }[];
    const users = [{ domainId: domain?.id, loginName: `${prefix}person`, password: "Xk7-pretty-long" }];
    const { result } = await simulator.adminCall<{ result: { id: string }[] }>("Users.create", { users });
    try {
      const { code, output } = await contract();
      expect(code).toBe(2);
      expect(output).toContain(`${prefix}person (users)`);
      expect(await namesOnTheServer()).toEqual([`${prefix}person`]);
    } finally {
      const request = { userId: result[0]?.id, method: "UDeleteFolder", removeReferences: false, targetUserId: "" };
      await simulator.adminCall("Users.remove", { requests: [request] });
    }
  });

  it("goes beyond its prefix only when the host is named once more", async () => {
    const before = (await simulator.control.calls()).length;
    for (const env of [{}, { KERIO_CONTRACT_CONFIRM: "yes" }] as Record<string, string>[]) {
      const { code, output } = await contract(["--beyond"], env);
      expect(code).toBe(2);
      expect(output).toContain("KERIO_CONTRACT_CONFIRM=127.0.0.1");
    }
    expect(await simulator.control.calls()).toHaveLength(before);
  });

  it.each([
    [{ KERIO_CONTRACT_PREFIX: "a." }, "KERIO_CONTRACT_PREFIX"],
    [{ KERIO_CONTRACT_URL: "http://127.0.0.1:4040" }, "https://HOST:4040"],
    [{ KERIO_CONTRACT_DOMAIN: "" }, "KERIO_CONTRACT_DOMAIN is missing"],
    [{ KERIO_CONTRACT_DOMAIN: "example.net" }, "no domain example.net"],
    [{ KERIO_CONTRACT_SMTP_PORT: "x" }, "KERIO_CONTRACT_SMTP_PORT"],
    [{ KERIO_CONTRACT_PASSWORD: "wrong" }, "Username or password is not correct"],
  ] as [Record<string, string>, string][])("refuses %o", async (env, told) => {
    const { code, output } = await contract([], env);
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining(told) as string });
  });
});
