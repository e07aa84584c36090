import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Properties } from "../../provider/dynamic/lifecycle";
import { recoverAll } from "../../provider/rename/recover-all";
import { createUser } from "../../provider/resources/user-create";
import { deleteUser } from "../../provider/resources/user-delete";
import { readUserState } from "../../provider/resources/user-read";
import { updateUser } from "../../provider/resources/user-update";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "../rename/picture";
import { domain, idOf, stage } from "../rename/stage";
import { pluginContexts } from "./plugin-context";

let simulator: Simulator;
let oldId: string;

beforeEach(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "50", "stop-delay-ms": "20" } });
  oldId = await idOf(simulator, "jdoe");
});
afterEach(() => simulator.stop());
const next = pluginContexts(() => simulator);

const oldHalf = (): Properties => ({ domain, name: "jdoe", userId: oldId, managed: [], logicalName: "p" });
const newInputs = (): Properties => ({
  domain,
  name: "jsmith",
  renamedFrom: "jdoe",
  renamedFromId: oldId,
  previousNames: ["jdoe"],
  logicalName: "p",
});
const snapshots = () => readdirSync(join(simulator.state, "home/.pulumi-kerio/snapshots"));
const closed: unknown = [expect.stringMatching(/\.closed\.json$/)];

describe("the removal of an account that is gone", { timeout: 180_000 }, () => {
  it("is refused where it was renamed and the engine never heard of it", async () => {
    await createUser(next(), newInputs());
    const context = next();
    const before = await picture(simulator);
    await expect(deleteUser(context, oldId, oldHalf())).rejects.toMatchObject({
      code: "DELETE_REFUSED",
      message: expect.stringMatching(/renamed to jsmith@example\.com.*Run `pulumi refresh`/s) as string,
    });
    expect((await picture(simulator)).text).toBe(before.text);
    expect(snapshots()).toEqual([expect.stringMatching(/\.open\.json$/)]);

    // What the refusal says to do.
    const healed = await readUserState(next(), oldId, oldHalf());
    expect(healed.props).toMatchObject({ name: "jsmith" });
    await deleteUser(next(), String(healed.id), healed.props ?? {});
    const after = await picture(simulator);
    expect(after.names).toEqual(["asmith"]);
    expect(after.aliases["jdoe"]).toBeUndefined();
    expect(snapshots()).toEqual(closed);
  });

  it("is done where this process has renamed it, or the engine knows the new one", async () => {
    const renaming = next();
    const made = await createUser(renaming, newInputs());
    await deleteUser(renaming, oldId, oldHalf());
    expect((await picture(simulator)).names).toEqual(["asmith", "jsmith"]);
    expect(snapshots()).toEqual(closed);
    // As after an interruption between the two halves.
    await deleteUser(next(), oldId, oldHalf());
    const updating = next();
    await updateUser(updating, made.id, made.outs, made.outs);
    await deleteUser(updating, oldId, oldHalf());
    expect((await picture(simulator)).names).toEqual(["asmith", "jsmith"]);
  });

  it("is done for both halves of an interrupted replacement, in any order", async () => {
    const made = await createUser(next(), newInputs());
    const context = next();
    await Promise.all([deleteUser(context, oldId, oldHalf()), deleteUser(context, made.id, made.outs)]);
    expect((await picture(simulator)).names).toEqual(["asmith"]);
    expect(snapshots()).toEqual(closed);
  });

  it("is refused where the host cannot be asked", async () => {
    await createUser(next(), newInputs());
    const context = next({ ssh: { ...sshOf(), port: 1 } });
    await expect(deleteUser(context, oldId, oldHalf())).rejects.toMatchObject({ code: "SSH_FAILED" });
  });
});

describe("the removal of an account whose rename has stopped half-way", { timeout: 180_000 }, () => {
  it("is refused, also where nothing on the server tells of it", async () => {
    const hooks = {
      before: () => {},
      after: (step: string) => {
        if (step === "write-snapshot") throw new Error("stopped by the test");
      },
    };
    await expect(createUser(next({ renameOrder: "article" }, hooks), newInputs())).rejects.toThrow();
    // As after the window.
    const mail = join(simulator.info.store, "mail", domain);
    renameSync(join(mail, "jdoe"), join(mail, "jsmith"));
    await expect(deleteUser(next(), oldId, oldHalf())).rejects.toMatchObject({
      code: "DELETE_REFUSED",
      message: expect.stringMatching(
        /jdoe@example\.com to jsmith@example\.com.*npx pulumi-kerio recover.*pulumi up/s,
      ) as string,
    });
    expect((await picture(simulator)).ids["jdoe"]).toBe(oldId);

    const context = next();
    await recoverAll(context.server(""));
    const { names, directories } = await picture(simulator);
    expect(names).toEqual(["asmith", "jsmith"]);
    expect(directories["jsmith"]).toBeDefined();
  });
});

function sshOf() {
  const { ssh } = next().server("").settings;
  if (!ssh) throw new Error("no SSH settings");
  return ssh;
}
