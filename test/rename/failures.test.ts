import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { Simulator } from "../helpers/start-simulator";
import { layoutOf } from "../simulator/host/layout";
import { idOf, provider, renameRequest, settingsOf, stage } from "./stage";

// A rename that is rolled back after the window stops the service twice.
vi.setConfig({ testTimeout: 180_000 });

/** One way in which a rename fails: where the fault comes in, and what the person is told. */
interface Failure {
  /** Before which step the fault comes in; left out, before the rename. */
  before?: string;
  fault(simulator: Simulator): Promise<unknown>;
  settings?: Partial<ServerSettings>;
  code: "RENAME_ROLLED_BACK" | "RENAME_OPEN" | "LOCK_LOST";
  /** In what state the server is. */
  state: RegExp;
  /** Accounts afterwards. */
  names: string[];
}

const refuse = (method: string) => (simulator: Simulator) =>
  simulator.control.fault("refuse", { method, code: 1000, message: "not now" });

/** Kills the process that holds the mail host for the run; its guard is left to bring the service back. */
function killSupervisor(simulator: Simulator): Promise<void> {
  const runs = join(layoutOf(simulator.state).homeDir, ".pulumi-kerio", "runs");
  const pids = readdirSync(runs).map((run) => Number(readFileSync(join(runs, run, "main"), "utf8").split(" ")[0]));
  expect(pids).toHaveLength(1);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  return Promise.resolve();
}

const before = ["asmith", "jdoe"];
const after = ["asmith", "jsmith"];
const both = ["asmith", "jdoe", "jsmith"];
const asBefore = /The server is as it was before: the old account has its mail, memberships and addresses\./;

const failures: Record<string, Failure> = {
  "the new account is refused": {
    fault: refuse("Users.create"),
    code: "RENAME_ROLLED_BACK",
    state: asBefore,
    names: before,
  },
  "the service is killed instead of stopped": {
    fault: async (simulator) => {
      // What was not written before a service is killed is lost by the kill alone.
      await simulator.control.command("restart");
      await simulator.control.fault("stop-timeout");
    },
    code: "RENAME_ROLLED_BACK",
    state: asBefore,
    names: before,
  },
  "the old account cannot be removed": {
    fault: refuse("Users.remove"),
    before: "remove-old",
    code: "RENAME_OPEN",
    state: /It stopped half-way: the old account has its mailbox, which was not moved\./,
    names: both,
  },
  "rolling back is refused after the window": {
    fault: async (simulator) => {
      await refuse("Users.set")(simulator);
      await simulator.control.fault("stop-refused");
    },
    before: "swap-at-once",
    code: "RENAME_OPEN",
    state: /It stopped half-way: the mailbox lies under the new name, and the old account is still there\./,
    names: both,
  },
  "the run loses the host": {
    fault: killSupervisor,
    before: "swap-at-once",
    code: "LOCK_LOST",
    state: /Nothing more is touched by this run: accounts and mailboxes stay as its last step left them/,
    names: both,
  },
  "the old address is refused once the old account is gone": {
    fault: refuse("Aliases.create"),
    code: "RENAME_OPEN",
    state: /the alias was refused: not now \(code 1000\).*The mailbox has its new name and is in use\./,
    names: after,
  },
  "the mark cannot be cleared": {
    fault: refuse("Users.set"),
    before: "clear-marks",
    code: "RENAME_OPEN",
    state: /nobody knows the password of jsmith@example\.com|has its new name and is in use/,
    names: after,
  },
  "the password is refused": {
    fault: refuse("Users.set"),
    before: "set-passwords",
    code: "RENAME_OPEN",
    state: /nobody knows the password of jsmith@example\.com|has its new name and is in use/,
    names: after,
  },
};

const it = test.extend<{ simulator: Simulator }>({
  // eslint-disable-next-line no-empty-pattern
  simulator: async ({}, use) => {
    const simulator = await stage({ switches: { "init-system": "systemd", "refusal-texts": "with-parameters" } });
    await use(simulator);
    await simulator.stop();
  },
});

for (const [what, failure] of Object.entries(failures)) {
  it.concurrent(`${what}: one paragraph tells the server's state and one command`, async ({ simulator }) => {
    let armed = false;
    const arm = async (step?: string) => {
      if (armed || step !== failure.before) return;
      armed = true;
      await failure.fault(simulator);
    };
    const plugin = provider(settingsOf(simulator, failure.settings), { hooks: { before: arm, after: () => {} } });
    await arm();
    const error: unknown = await plugin.coordinator
      .create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")))
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(armed, String(error)).toBe(true);
    expect(error).toBeInstanceOf(Error);
    const text = (error as Error).message;
    expect(text).toMatch(new RegExp(`\\[${failure.code}\\]$`));
    expect(text).toMatch(failure.state);
    expect(text).not.toContain("\n");
    expect(text.match(/`[^`]+`/g)).toEqual(["`pulumi up`"]);
    await plugin.close();
    // The supervisor may be restarting the engine behind a run that has lost it.
    const { accounts } = await vi.waitFor(() => simulator.control.truth(), { timeout: 30_000, interval: 200 });
    await simulator.control.clearFaults();
    expect(accounts.map((account) => account.name).sort()).toEqual(failure.names);
  });
}
