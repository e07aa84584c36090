import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { filesBelow } from "../helpers/files-below";
import type { Simulator } from "../helpers/start-simulator";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;

afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

describe.each(["accountFirst", "article"] as const)("a rename in the order %s", (renameOrder) => {
  it("moves the mailbox, carries everything over and leaves nothing behind", async () => {
    simulator = await stage();
    plugin = provider(settingsOf(simulator, { renameOrder }));
    const before = await picture(simulator);
    const result = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
    const after = await picture(simulator);

    expect(result.address).toBe(`jsmith@${domain}`);
    // Where the directory is moved first, some servers do not see what is in it until they are started again.
    expect(result.notes.filter((note) => !note.startsWith("The server does not show the size"))).toEqual([]);
    expect(result.initialPassword).toBeTruthy();
    expect(after.names).toEqual(["asmith", "jsmith"]);
    expect(after.directories.jsmith).toEqual(before.directories.jdoe);
    expect(after.directories.jdoe).toBeUndefined();
    expect(after.messages("jsmith")).toEqual(before.messages("jdoe"));
    const person = after.account("jsmith");
    expect(person).toMatchObject({
      enabled: true,
      description: "accounting",
      fullName: "J. Doe",
      emailAddresses: ["j.d"],
    });
    for (const field of ["diskSizeLimit", "emailForwarding", "role"]) {
      expect(person[field]).toEqual(before.account("jdoe")[field]);
    }
    expect(after.text).not.toContain(before.account("jdoe").id);
    expect(after.groups).toEqual({ staff: ["jsmith"] });
    expect(after.lists).toEqual({ news: ["jsmith Moderator"] });
    expect(after.readers).toEqual({ news: ["TrusteeGroup", "jsmith"] });
    expect(after.managers).toEqual({ room: "jsmith" });
    expect(after.aliases).toEqual({ books: [`jsmith@${domain}`], jdoe: [`jsmith@${domain}`] });
    expect(after.services).toEqual(before.services);
    expect(await simulator.control.downtimes()).toHaveLength(1);
    expect(leftOnHost()).toEqual([expect.stringMatching(/^snapshots\/\w+\.open\.json$/)]);
    await plugin.coordinator.heard(before.account("jdoe").id);
    expect(leftOnHost()).toEqual([expect.stringMatching(/^snapshots\/\w+\.closed\.json$/)]);
    await simulator.deliver({ to: `jdoe@${domain}`, subject: "to the old address" });
    const subjects = (await simulator.control.messages(domain, "jsmith")).map((message) => message.subject);
    expect(subjects).toContain("to the old address");
    expect((await simulator.control.login("jsmith", result.initialPassword ?? "")).ok).toBe(true);
  });
});

/** Files of ours on the host, without the copies of the server's configuration. */
function leftOnHost(): string[] {
  return filesBelow(join(simulator.state, "home/.pulumi-kerio")).filter((file) => !file.startsWith("copies/"));
}
