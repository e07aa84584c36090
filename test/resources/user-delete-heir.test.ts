import { expect, it } from "vitest";
import { applied, type Props } from "../helpers/dynamic-server";
import { pluginStage } from "./plugin-stage";

const stage = pluginStage();
const { domain, nextRun, names } = stage;
let count = 0;

const letters = async (name: string) =>
  (await stage.simulator.control.messages(domain, name)).map(({ subject }) => subject);

/** A leaver with a letter, whose mail is to go to an heir. */
async function couple(onDelete: unknown) {
  count += 1;
  const [leaver, heir] = [`leaver${count}`, `heir${count}`];
  const person = (name: string, more: Props) =>
    applied(stage.plugin, "user", undefined, { domain, name, logicalName: name, ...more });
  const made = {
    heir: await person(heir, { onDelete }),
    leaver: await person(leaver, { onDelete: { moveMailTo: heir } }),
  };
  await stage.simulator.deliver({ to: `${leaver}@${domain}`, subject: "kept" });
  await nextRun();
  return { leaver: { name: leaver, ...made.leaver }, heir: { name: heir, ...made.heir } };
}

const removed = (one: { id: string; outs: Props }) => stage.plugin.delete("user", one.id, one.outs);

it("lets an heir who leaves as well go after the mail has come", async () => {
  const { leaver, heir } = await couple("keepMail");
  await Promise.all([removed(heir), removed(leaver)]);
  expect(await names()).not.toEqual(expect.arrayContaining([leaver.name]));
  expect(await names()).not.toEqual(expect.arrayContaining([heir.name]));
  expect(await letters(heir.name)).toEqual(["kept"]);
});

it("deletes no mailbox into which the same update moves somebody's mail, and says what another one does", async () => {
  const { leaver, heir } = await couple("deleteMail");
  const [refused] = await Promise.allSettled([removed(heir), removed(leaver)]);
  expect(String((refused as PromiseRejectedResult).reason)).toMatch(
    new RegExp(
      `mail of ${leaver.name}@example\\.com goes to it in this update.*again to delete it.*DELETE_REFUSED`,
      "s",
    ),
  );
  expect(await names()).not.toContain(leaver.name);
  expect(await letters(heir.name)).toEqual(["kept"]);
  await nextRun();
  await removed(heir);
  expect(await names()).not.toContain(heir.name);
});

it("moves no mail to an heir whose removal is under way", async () => {
  const { leaver, heir } = await couple("keepMail");
  const { control } = stage.simulator;
  await control.setSwitch("removal-delay-ms", "4000");
  const gone = removed(heir);
  const asked = async () => (await control.calls()).filter(({ method }) => method === "Users.remove").length;
  const before = await asked();
  await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before);
  await expect(removed(leaver)).rejects.toThrow(
    new RegExp(`mail is to go to ${heir.name}@example\\.com, whom this update removes as well.*DELETE_REFUSED`, "s"),
  );
  await gone;
  await control.setSwitch("removal-delay-ms", "0");
  expect(await names()).toContain(leaver.name);
  expect(await letters(leaver.name)).toEqual(["kept"]);
});

it("refuses two who are to inherit from each other", async () => {
  const person = (name: string, heir: string) =>
    applied(stage.plugin, "user", undefined, { domain, name, logicalName: name, onDelete: { moveMailTo: heir } });
  const both = [await person("one", "other"), await person("other", "one")];
  await nextRun();
  const ends = await Promise.allSettled(both.map(removed));
  for (const end of ends)
    expect(String((end as PromiseRejectedResult).reason)).toMatch(/heir of its mail.*to it again.*DELETE_REFUSED/s);
  expect(await names()).toEqual(expect.arrayContaining(["one", "other"]));
});

it("refuses who is to inherit from itself, and names it", async () => {
  const self = { domain, name: "self", logicalName: "self" };
  const made = await applied(stage.plugin, "user", undefined, self);
  const heir = { onDelete: { moveMailTo: "self" } };
  const { failures } = await stage.plugin.check("user", made.inputs, { ...self, ...heir });
  expect(failures.join()).toContain("onDelete.moveMailTo: it is the user's own name");
  // What a state holds that was written before the check was.
  Object.assign(made.outs, heir);
  await nextRun();
  await expect(removed(made)).rejects.toThrow(/moveMailTo names the user itself.*DELETE_REFUSED/s);
});

it("removes whom a refresh has looked up for a program that no longer does", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "unwatched", logicalName: "u" });
  await nextRun();
  const { props } = await stage.plugin.read("user", `unwatched@${domain}`, {});
  await nextRun();
  await stage.plugin.read("user", made.id, props);
  await removed(made);
  expect(await names()).not.toContain("unwatched");
});

it("leaves an account alone that the program looks up instead", async () => {
  const made = await applied(stage.plugin, "user", undefined, { domain, name: "watched", logicalName: "w" });
  await nextRun();
  const seen = await stage.plugin.read("user", `watched@${domain}`, {});
  expect(seen.id).toBe(made.id);
  await removed(made);
  expect(await names()).toContain("watched");
  expect(stage.plugin.ear.text()).toContain("looks it up, and no longer manages it");
});
