import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { switchRules, type SwitchName } from "../simulator/engine/switches";
import { Contract } from "./contract";
import { notSettled } from "./not-settled";
import { ownServer } from "./own-server";
import type { SwitchProbe } from "./probe";
import { areas } from "./probes/areas";
import { recommended, reportOf } from "./report";
import { runContract } from "./run-contract";

/** Values of the switches that take any number. */
const numbers: Partial<Record<SwitchName, string[]>> = {
  "login-refused-code": ["1", "32000"],
  "largest-request-bytes": ["65536", "524288"],
  "silent-connection-seconds": ["2"],
  "user-taken-code": ["1003"],
  "alias-taken-code": ["1003"],
  "invalid-name-code": ["1003"],
  "password-refused-code": ["1003"],
  "unknown-id-code": ["1003"],
  "own-account-code": ["1003"],
  "higher-rights-code": ["1003"],
  "wrong-token-code": ["1004"],
  "longest-login-name": ["40"],
  "session-idle-minutes": ["30"],
  "session-longest-minutes": ["90"],
};

/** Without which there is nothing to be seen of a switch. */
const companions: Partial<Record<SwitchName, Partial<Record<SwitchName, string>>>> = {
  "alias-taken-code": { "duplicate-alias": "refused" },
  // The account must come first, which the question has to find out.
  "alias-or-user": { "user-beside-alias": "refused" },
};

interface Settling {
  area: string;
  index: number;
  probe: SwitchProbe;
}

const settling: Settling[] = Object.entries(areas).flatMap(([area, probes]) =>
  probes.flatMap((probe, index) => ("settles" in probe ? [{ area, index, probe }] : [])),
);

/** Every value but the default ones, which contract.test.ts asks for. */
function cases(): (Settling & { name: SwitchName; value: string })[] {
  return settling.flatMap((each) => {
    const { values } = switchRules[each.probe.settles];
    const asked = values === "number" ? (numbers[each.probe.settles] ?? []) : values;
    const others = asked.filter((value) => value !== switchRules[each.probe.settles].standard);
    return others.map((value) => ({ ...each, name: each.probe.settles, value }));
  });
}

let simulator: Simulator;
let contract: Contract;
beforeAll(async () => {
  simulator = await startSimulator();
  contract = await Contract.open(ownServer(simulator.info), { beyond: true });
});
afterAll(() => simulator?.stop());

describe("the value a question recommends", () => {
  it.each(cases())("$name=$value", async ({ area, index, probe, name, value }) => {
    const chosen = { ...companions[name], [name]: value } as Record<SwitchName, string>;
    for (const [each, its] of Object.entries(chosen)) await simulator.control.setSwitch(each, its);
    try {
      expect(await contract.ask(area, index, probe)).toMatchObject({ verdict: "switch", value });
    } finally {
      for (const each of Object.keys(chosen) as SwitchName[]) {
        await simulator.control.setSwitch(each, switchRules[each].standard);
      }
    }
  });

  it("removal-delay-ms is what was measured", async () => {
    const { area, index, probe } = settling.find((each) => each.probe.settles === "removal-delay-ms") as Settling;
    await simulator.control.setSwitch("removal-delay-ms", "1500");
    try {
      const { value } = await contract.ask(area, index, probe);
      expect(Number(value)).toBeGreaterThanOrEqual(1500);
      expect(Number(value)).toBeLessThan(10_000);
    } finally {
      await simulator.control.setSwitch("removal-delay-ms", "0");
    }
  });

  it("is there for every switch, or why it cannot be", () => {
    const names = [...settling.map(({ probe }) => probe.settles), ...Object.keys(notSettled)];
    expect(names.sort()).toEqual(Object.keys(switchRules).sort());
  });
});

describe("a server that differs in everything", () => {
  const other: Partial<Record<SwitchName, string>> = {
    "set-login-name": "ignore",
    "password-minimum": "always",
    "disabled-delivery": "accept",
    "disabled-resource": "accept",
    "list-posting": "moderated",
    // Who wins, an alias or an account, or a name or an address, cannot be seen where neither is taken beside the other.
    "duplicate-alias": "refused",
    "second-alias": "refused",
    "alias-beside-user": "refused",
    "user-beside-alias": "refused",
    "alias-beside-address": "refused",
    "address-beside-alias": "refused",
    "address-of-another": "refused",
    "licence-error": "call",
    "bulk-refusals": "call",
    "refusal-texts": "plain",
    "deliver-to": "completed",
    "email-addresses": "full",
    "email-address-case": "as-given",
    "missing-query": "everything",
    "version-without-login": "no",
    "contact-addresses": "texts",
    "photo-of-another": "refused",
    "adopted-sizes": "later",
    "unknown-id": "ignored",
    "list-id": "asked",
    "unknown-method": "hang",
    "login-refused-code": "1005",
    "unknown-field": "error",
    "quick-search": "names",
    "quick-search-eq": "contains",
    "form-token": "demanded",
    "null-member": "refused",
    "connection-after-answer": "closed",
    "silent-connection-seconds": "3",
    "batch-arrays": "answered",
    "queue-without-query": "as-others",
    "login-refused-text": "without-stop",
    "batch-after-error": "stop",
    "public-folder-target": "bare",
    "directory-access": "no",
    "account-admin-resources": "no",
    "minimal-create": "bare",
    "dangling-references": "texts",
    "id-form": "flat",
    "unasked-fields": "few",
    "password-shown": "empty",
    "full-email-address": "refused",
    "foreign-email-address": "refused",
    "login-name-signs": "without-plus",
    "longest-login-name": "48",
    "alias-name-signs": "without-plus",
    "unprivileged-login": "refused",
    "user-taken-code": "1003",
    "alias-taken-code": "1005",
    "invalid-name-code": "1006",
    "password-refused-code": "1007",
    "own-account-code": "1009",
    "higher-rights-code": "1010",
    "wrong-token-code": "1004",
    "ended-session-text": "not-logged-in",
    "condition-case": "exact",
    "batch-answer": "object",
    "session-idle-minutes": "30",
    "session-longest-minutes": "90",
  };

  it("gets a report that recommends just that, and no fact is called wrong", async () => {
    const server = await startSimulator({ switches: other });
    try {
      const result = await runContract(ownServer(server.info));
      expect(result.answers.filter(({ verdict }) => /wrong|assumed|failed/.test(verdict))).toEqual([]);
      expect(recommended(result.answers)).toEqual(other);
      const report = reportOf(result);
      for (const [name, value] of Object.entries(other)) {
        expect(report).toContain(` --switch ${name}=${value}`);
        expect(report).toContain(`**\`${name}=${value}\`**`);
      }
      const { accounts } = await server.control.truth();
      expect(accounts).toEqual([]);
    } finally {
      await server.stop();
    }
  }, 240_000);
});
