import { describe, expect, it } from "vitest";
import { switchRules } from "../simulator/engine/switches";
import { picture } from "./picture";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "./stage";

/**
 * Left out here: what a rename never meets, what only a contact or an alias does (their own tests show that), and
 * directory-access, without which it is refused before anything is touched.
 */
const elsewhere = [
  "public-folder-target",
  "photo-of-another",
  "contact-addresses",
  "unknown-method",
  "login-refused-code",
  "batch-after-error",
  "directory-access",
];

/** Every value of every switch but its default; a number stands for itself. */
const values = Object.entries(switchRules)
  .filter(([name]) => !elsewhere.includes(name))
  .flatMap(([name, rule]) => {
    const others = rule.values === "number" ? ["1500"] : rule.values.filter((value) => value !== rule.standard);
    return others.map((value) => ({ name, value }));
  });

describe.concurrent("a rename on a server that behaves otherwise where nothing is documented", () => {
  it.each(values)("$name = $value", { timeout: 180_000 }, async ({ name, value }) => {
    const simulator = await stage({ switches: { [name]: value } });
    try {
      const plugin = provider(settingsOf(simulator));
      const before = await picture(simulator);
      const result = await plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
      await plugin.close();
      const after = await picture(simulator);
      expect(after.names).toEqual(["asmith", "jsmith"]);
      expect(after.directories.jsmith).toEqual(before.directories.jdoe);
      expect(after.directories.jdoe).toBeUndefined();
      expect(after.messages("jsmith")).toEqual(before.messages("jdoe"));
      expect(after.text).not.toContain(before.account("jdoe").id);
      expect(after.groups).toEqual({ staff: ["jsmith"] });
      expect(after.services).toEqual(before.services);
      await simulator.deliver({ to: `jdoe@${domain}`, subject: "to the old address" });
      const login = await simulator.control.login("jsmith", result.initialPassword ?? "");
      expect(login.ok && login.messages.map((message) => message.subject)).toContain("to the old address");
    } finally {
      await simulator.stop();
    }
  });
});
