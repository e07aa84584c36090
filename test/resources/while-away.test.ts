import { afterAll, beforeAll, expect, it } from "vitest";
import { createAlias, deleteAlias, updateAlias } from "../../provider/resources/alias-calls";
import { checkUser } from "../../provider/resources/user-check";
import { createUser } from "../../provider/resources/user-create";
import { deleteUser } from "../../provider/resources/user-delete";
import { updateUser } from "../../provider/resources/user-update";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "../rename/picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "../rename/stage";
import { pluginContexts } from "./plugin-context";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await stage({ switches: { "start-delay-ms": "10000", "stop-delay-ms": "20" } });
}, 120_000);
afterAll(() => simulator?.stop());
const next = pluginContexts(() => simulator);

it(
  "whatever is asked of users and aliases waits while another run's window has the server away",
  { timeout: 240_000 },
  async () => {
    const inputs = { domain, name: "known", logicalName: "k" };
    const known = await createUser(next(), inputs);
    const alias = (name: string, deliverTo = "known") => ({ domain, name, deliverTo, logicalName: name });
    const [kept, leaving] = [await createAlias(next(), alias("kept")), await createAlias(next(), alias("leaving"))];
    const asmith = { domain, name: "asmith", userId: await idOf(simulator, "asmith"), managed: [], logicalName: "a" };
    const renaming = provider(settingsOf(simulator));
    // Whoever has seen the list a moment ago writes without another look.
    const knowing = [next(), next(), next()] as const;
    for (const context of knowing) await context.server(undefined).inventory.aliases(domain);
    const done = renaming.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    await expect.poll(async () => (await simulator.control.service()).running, { timeout: 60_000 }).toBe(false);

    const asked = {
      check: checkUser(next(), {}, { domain, name: "other", logicalName: "o" }),
      create: createUser(next(), { domain, name: "newcomer", logicalName: "n" }),
      update: updateUser(next(), known.id, known.outs, { ...inputs, fullName: "Known", password: "Orchard.7.Gate" }),
      delete: deleteUser(next(), asmith.userId, asmith),
      createAlias: createAlias(knowing[0], alias("made")),
      updateAlias: updateAlias(knowing[1], kept.id, kept.outs, alias("kept", "asmith@example.org"), ["deliverTo"]),
      deleteAlias: deleteAlias(knowing[2], leaving.id, leaving.outs),
    };
    const ends = await Promise.allSettled(Object.values(asked));
    const failures = ends.map((end, index) =>
      end.status === "rejected" ? [Object.keys(asked)[index], end.reason] : [],
    );
    expect(failures.flat()).toEqual([]);
    expect((await asked.check).failures).toEqual([]);
    await done;
    await renaming.close();
    const { names, account } = await picture(simulator);
    expect(names).toEqual(["jsmith", "known", "newcomer"]);
    const rows = (await simulator.control.truth()).aliases.map((row) => `${row["name"]} ${row["deliverTo"]}`);
    expect(rows.filter((row) => /^(kept|leaving|made) /.test(row)).sort()).toEqual([
      "kept asmith@example.org",
      "made known@example.com",
    ]);
    expect(account("known")).toMatchObject({ fullName: "Known" });
    expect((await simulator.control.login("newcomer", String((await asked.create).outs["initialPassword"]))).ok).toBe(
      true,
    );
  },
);
