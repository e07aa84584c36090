import { mkdtempSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pulumiKerio } from "../cli/command";
import type { Simulator } from "../helpers/start-simulator";
import { expectOneRename, interrupted } from "./deaths";
import { goOnWith, type Next } from "./go-on";
import { keepWhatIsLeft } from "./keep-what-is-left";
import { startQuickHost } from "./stage";

let simulator: Simulator;
let aside: string;

beforeEach(async () => {
  simulator = await startQuickHost();
  aside = mkdtempSync(join(tmpdir(), "pulumi-kerio-recover-"));
});
afterEach(async () => {
  await simulator?.stop();
  rmSync(aside, { recursive: true, force: true });
});

test("recover --stack finishes what both left; each next command takes the account over, and then knows its password", async () => {
  const { stack, ...before } = await interrupted(
    simulator,
    { who: "both", when: "during the swap" },
    { secrets: { "kerio:password": simulator.info.admin.password } },
  );
  try {
    const recovered = await pulumiKerio(["recover", "--stack", "test"], stack.environment, { cwd: stack.directory });
    expect(recovered.code, recovered.stdout + recovered.stderr).toBe(0);
    expect(recovered.stdout).toContain("jdoe@example.com → jsmith@example.com: finished. Nobody knows its password");
    for (const secret of [stack.environment["PULUMI_CONFIG_PASSPHRASE"], simulator.info.admin.password]) {
      expect(secret).toBeTruthy();
      expect(recovered.stdout + recovered.stderr).not.toContain(secret);
    }
    await expectOneRename(simulator, before, 2);

    // The stack and the host as recover has left them, for each of the four.
    const left = keepWhatIsLeft(stack, simulator);
    const nexts: Next[] = ["up", "up --refresh", "refresh, then up", "preview --refresh, then up"];
    for (const next of nexts) {
      left.bringBack();
      await goOnWith(stack, next);
      await expectOneRename(simulator, before, 2);
      const { password } = await stack.stackOutput();
      expect(await simulator.control.login("jsmith", String(password)), next).toMatchObject({ ok: true });
    }
  } finally {
    await stack.dispose();
  }
});

test("a stack that there is not is refused, without any secret", async () => {
  const tools = process.env["PULUMI_KERIO_TOOLS"] ?? "";
  const backend = { PULUMI_BACKEND_URL: `file://${aside}`, PULUMI_CONFIG_PASSPHRASE: "x", PULUMI_HOME: aside };
  const path = `${tools}${delimiter}${process.env["PATH"] ?? ""}`;
  const wrong = await pulumiKerio(["status", "--stack", "none"], { ...backend, PATH: path }, { cwd: aside });
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toMatch(
    /^stack none: reading its settings with `pulumi config` failed: .*\[CONFIG_INVALID\]\n$/,
  );
  const without = await pulumiKerio(["status", "--stack", "none"], { PATH: aside }, { cwd: aside });
  expect(without.stderr).toContain("there is no pulumi command on PATH");
});
