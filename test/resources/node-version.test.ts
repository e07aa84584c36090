import { expect, it } from "vitest";
import { requireNode } from "../../provider/resources/program-side";

it.each(["20.0.0", "20.11.1", "21.0.0", "22.0.0", "24.1.0"])("takes Node.js %s", (version) => requireNode(version));

it.each(["18.20.4", "19.9.0"])("refuses Node.js %s, with what to install", (version) =>
  expect(() => requireNode(version)).toThrow(/Node\.js.*20 or later.*CONFIG_INVALID/s),
);

it("takes the one that runs this", () => requireNode(process.versions.node));
