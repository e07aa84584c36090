import { afterEach, expect, it } from "vitest";
import type { Simulator } from "../helpers/start-simulator";
import { aroundCalls } from "./meddle";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage, type Provider } from "./stage";

let simulator: Simulator;
let plugin: Provider;
afterEach(async () => {
  await plugin?.close().catch(() => undefined);
  await simulator?.stop();
});

it.each(["name", "address"])(
  "whoever takes one of their own addresses as a name gets the mail for both, on a server that goes by the %s",
  { timeout: 120_000 },
  async (value) => {
    // No mail comes while the disabled account bears the name, as long as services can be held.
    const held = { "ignore-service-stop": "no" };
    simulator = await stage({ switches: { "name-or-address": value, "address-of-another": "allowed", ...held } });
    plugin = provider(settingsOf(simulator));
    const before = await picture(simulator);
    const others: string[] = [];
    aroundCalls(plugin.server.client, async ({ method }, call) => {
      const answer = await call();
      const { services } = await simulator.control.truth();
      if (!services.some((service) => service.name === "SMTP" && service.isRunning)) return answer;
      const { result } = await simulator.adminCall<{ result: string[] }>("Aliases.check", {
        checkString: `j.d@${domain}`,
      });
      // The forwarding of jdoe comes along.
      const mailboxes = result.filter((address) => address !== "archive@example.org").join();
      if (![`jdoe@${domain}`, `j.d@${domain}`].includes(mailboxes)) others.push(`${method}: ${result.join()}`);
      return answer;
    });
    const result = await plugin.coordinator.create(renameRequest("jdoe", "j.d", await idOf(simulator, "jdoe")));
    expect(result.address).toBe(`j.d@${domain}`);
    const after = await picture(simulator);
    expect(after.names).toEqual(["asmith", "j.d"]);
    expect(after.account("j.d")).toMatchObject({ enabled: true, emailAddresses: [] });
    expect(after.messages("j.d")).toEqual(before.messages("jdoe"));
    expect(after.aliases["jdoe"]).toEqual([`j.d@${domain}`]);
    for (const name of ["jdoe", "j.d"]) await simulator.deliver({ to: `${name}@${domain}`, subject: `to ${name}` });
    const subjects = (await simulator.control.messages(domain, "j.d")).map((message) => message.subject);
    expect(subjects).toEqual(expect.arrayContaining(["to jdoe", "to j.d"]));
    expect(others).toEqual([]);
  },
);
