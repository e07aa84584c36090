import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;
afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

const rules = { memberPosting: "PostAllowed", nonMemberPosting: "PostModerated", moderatorPosting: "PostAllowed" };

it.each(["moderated", "bounced"])(
  "whoever may post to a list may after a rename, by each address, where mail of others is %s",
  { timeout: 120_000 },
  async (value) => {
    simulator = await stage({ switches: { "list-posting": value } });
    const { adminCall } = simulator;
    const { domains, mailingLists } = await simulator.control.truth();
    // The stage has jdoe as the only moderator of the one, and asmith reads the other.
    const made = { domainId: domains[0]?.id, name: "hours" };
    const { result } = await adminCall<{ result: { id: string }[] }>("MailingLists.create", { mailingLists: [made] });
    const [news, hours] = [mailingLists[0]?.id, result[0]?.id];
    await adminCall("MailingLists.set", { mlIds: [news, hours], pattern: { posting: rules } });
    const [jdoe, asmith] = [await idOf(simulator, "jdoe"), await idOf(simulator, "asmith")];
    const members = [jdoe, asmith].map((userId) => ({ hasId: true, userId, emailAddress: "", kind: "Member" }));
    await adminCall("MailingLists.addMlUserList", { mlId: hours, members });

    plugin = provider(settingsOf(simulator));
    await plugin.coordinator.create(renameRequest("jdoe", "jsmith", jdoe));

    const posts = async (from: string) => {
      const subjects = ["news", "hours"].map((list) => `${from} to ${list}`);
      for (const list of ["news", "hours"])
        await simulator.deliver({ from, to: `${list}@${domain}`, subject: `${from} to ${list}` });
      const read = async (name: string) =>
        (await simulator.control.messages(domain, name)).map(({ subject }) => subject);
      const [own, others] = [await read("jsmith"), await read("asmith")];
      return [subjects.map((each) => own.includes(each)), subjects.map((each) => others.includes(each))];
    };
    for (const name of ["jsmith", "jdoe", "j.d", "books"])
      expect(await posts(`${name}@${domain}`), name).toEqual([
        [true, true],
        [false, true],
      ]);
    // Who is none gets no further than to the moderator.
    expect(await posts("somebody@example.org")).toEqual([
      [value === "moderated", false],
      [false, false],
    ]);
  },
);
