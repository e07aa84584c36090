import { afterEach, expect, it } from "vitest";
import type { RunHooks } from "../../provider/rename/run-context";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
const plugins: Provider[] = [];

afterEach(async () => {
  for (const plugin of plugins.splice(0)) await plugin.close().catch(() => undefined);
  await simulator?.stop();
});

/** A server that takes its time to remove an account, with the quickest of restarts. */
async function slowly(removal: string): Promise<void> {
  const quick = { "start-delay-ms": "50", "stop-delay-ms": "20" };
  simulator = await stage({ switches: { ...quick, "removal-delay-ms": removal } });
}

function plugin(hooks: RunHooks): Provider {
  const made = provider(settingsOf(simulator), { hooks });
  plugins.push(made);
  return made;
}

/** Does something as the step begins for the first time; faults of an engine end with it, so not before its restart. */
function at(step: string, act: () => Promise<unknown>): RunHooks {
  let isDone = false;
  return {
    after: () => {},
    before: async (here) => {
      if (here !== step || isDone) return;
      isDone = true;
      await act();
    },
  };
}

const loseTheAnswer = (times = 1) => simulator.control.fault("drop-after", { method: "Users.remove", times });

async function expectRenamed(was: Awaited<ReturnType<typeof picture>>): Promise<void> {
  const after = await picture(simulator);
  expect(after.names).toEqual(["asmith", "jsmith"]);
  expect(after.account("jsmith")).toMatchObject({ enabled: true, description: "accounting" });
  expect(after.directories.jsmith).toEqual(was.directories.jdoe);
  expect(after.messages("jsmith")).toEqual(was.messages("jdoe"));
  expect(after.groups.staff).toContain("jsmith");
  expect(after.aliases.jdoe).toEqual([`jsmith@${domain}`]);
}

it("waits for a removal that goes on unheard", { timeout: 90_000 }, async () => {
  await slowly("4000");
  const was = await picture(simulator);
  const renaming = plugin(at("remove-old", () => loseTheAnswer()));
  await renaming.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expectRenamed(was);
  expect(await simulator.control.downtimes()).toHaveLength(1);
});

it("waits whatever the code of the refusal is", { timeout: 90_000 }, async () => {
  await slowly("4000");
  const was = await picture(simulator);
  const loseAndRefuse = async (): Promise<void> => {
    await loseTheAnswer();
    const isSent = async () => (await simulator.control.calls()).some(({ method }) => method === "Users.remove");
    void expect
      .poll(isSent, { timeout: 20_000, interval: 20 })
      .toBe(true)
      .then(() => simulator.control.fault("refuse", { method: "Users.remove", code: 1004, times: 1 }));
  };
  const renaming = plugin(at("remove-old", loseAndRefuse));
  await renaming.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
  await expectRenamed(was);
  expect(await simulator.control.downtimes()).toHaveLength(1);
});

it(
  "takes nothing back when a removal was sent and the run fails before it is heard of",
  { timeout: 90_000 },
  async () => {
    await slowly("6000");
    const was = await picture(simulator);
    const jdoe = await idOf(simulator, "jdoe");
    const first = plugin(at("remove-old", () => loseTheAnswer(4)));
    await expect(first.coordinator.create(renameRequest("jdoe", "jsmith", jdoe))).rejects.toMatchObject({
      code: "RENAME_OPEN",
    });
    expect((await picture(simulator)).names).toContain("jsmith");
    const next = plugin(at("", () => Promise.resolve()));
    await next.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
    await expectRenamed(was);
  },
);

it(
  "makes the account of a person anew who has neither, from what the snapshot holds",
  { timeout: 90_000 },
  async () => {
    await slowly("0");
    const was = await picture(simulator);
    const jdoe = await idOf(simulator, "jdoe");
    const loseBoth = async (): Promise<void> => {
      const jsmith = await idOf(simulator, "jsmith");
      const requests = [jdoe, jsmith].map((userId) => ({
        userId,
        method: "UDeleteUser",
        removeReferences: false,
        targetUserId: "",
        mode: "DSModeDeactivate",
      }));
      await simulator.adminCall("Users.remove", { requests });
    };
    const dies = async (): Promise<void> => {
      await loseBoth();
      throw new Error("this machine goes down");
    };
    const first = plugin(at("remove-old", dies)).coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
    await expect(first).rejects.toMatchObject({ code: "RENAME_OPEN" });
    expect((await picture(simulator)).names).toEqual(["asmith"]);
    const next = plugin(at("", () => Promise.resolve()));
    await next.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));
    await expectRenamed(was);
  },
);
