import fc from "fast-check";
import { recoverAll } from "../../provider/rename/recover-all";
import { provider, settingsOf } from "../rename/stage";
import type { Stage } from "./stage";
import { supervisorSeconds } from "./stage";

/** What is done after an update that failed or died. */
export interface Recovery {
  /** Whether nobody does anything until the host has put the service back by itself. */
  wait: boolean;
  by:
    | "up"
    | "refresh, up"
    | "up --refresh"
    | "preview --refresh, up"
    | "preview, up"
    | "recover, up"
    | "recover, refresh, up";
}

export const recoveries: fc.Arbitrary<Recovery> = fc.record({
  wait: fc.constantFrom(false, false, true),
  by: fc.constantFrom<Recovery["by"]>(
    "up",
    "up",
    "recover, up",
    "recover, up",
    "recover, refresh, up",
    "refresh, up",
    "up --refresh",
    "preview --refresh, up",
    "preview, up",
  ),
});

/** Brings the stack to what its program declares, whatever the state it was left in. */
export async function recover(stage: Stage, { wait, by }: Recovery): Promise<void> {
  stage.tally.event(`recovery by ${by.startsWith("recover") ? "recover" : by}`);
  if (wait) {
    await stage.step("wait", "for the supervisor", async () => {
      // A plugin that lives on is no silence: the supervisor waits for it.
      await stage.orphansIdle();
      await new Promise((done) => setTimeout(done, (supervisorSeconds + 2) * 1000));
      await stage.untilServed();
      stage.isAtRest = true;
    });
    stage.isAtRest = false;
  }
  if (by === "recover, up" || by === "recover, refresh, up") await withoutPulumi(stage);
  if (by === "recover, refresh, up") mayBeOpen(await stage.refresh("after recover"));
  if (by === "refresh, up") mayBeOpen(await stage.refresh("to recover"));
  if (by === "preview --refresh, up") {
    const state = structuredClone(stage.engine.state);
    mayBeOpen(await stage.refresh("as a part of a preview", false));
    stage.engine.state = state;
    await stage.preview("after its refresh");
    stage.engine.state = state;
  }
  if (by === "preview, up") {
    const { ok, errors } = await stage.preview("to recover");
    if (!ok) throw new Error(`a preview after the failure is refused: ${errors.join("\n")}`);
  }
  if (by === "up --refresh") {
    const outcome = await stage.update("recover", { refresh: true });
    if (outcome.ok) return;
    mayBeOpen(outcome);
  }
  const { ok, errors } = await stage.update("recover");
  if (!ok) throw new Error(`an update does not recover: ${errors.join("\n")}`);
}

/** What `pulumi-kerio recover` does, which knows the mail host and nothing of the stack. */
async function withoutPulumi(stage: Stage): Promise<void> {
  await stage.step("recover", "", async () => {
    const { server, close } = provider(settingsOf(stage.simulator));
    try {
      const recovered = await recoverAll({ ...server, caller: "recover" });
      stage.history.push(...recovered.map(({ from, to, result }) => `  ${from} to ${to}: ${result}`));
      const open = recovered.filter(({ result }) => result === "open");
      if (open.length > 0) throw new Error(`recover leaves open: ${open.map(({ error }) => error).join("\n")}`);
    } finally {
      await close();
    }
    stage.isAtRest = !stage.hasOrphans;
  });
  const { openSnapshots } = stage.seen;
  if (stage.isAtRest && openSnapshots.length > 0) throw new Error(`recover leaves ${openSnapshots.join(", ")}`);
}

/** A refresh must not forget anybody: where a rename is open, or the server away for it, it says so. */
function mayBeOpen({ ok, errors }: { ok: boolean; errors: string[] }): void {
  if (ok) return;
  const others = errors.filter(
    (error) => !/whether a rename moved it cannot be told|\[CONNECTION_FAILED\]/.test(error),
  );
  if (others.length > 0) throw new Error(`a refresh after the failure: ${others.join("\n")}`);
}
