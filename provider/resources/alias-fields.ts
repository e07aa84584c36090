import { z } from "zod";
import { defineFields, type Values } from "../dynamic/fields";
import { isPublicFolder, sameTarget } from "./alias-target";
import { sameText } from "./same-text";
import { addressProblem, aliasNameProblem, domainProblem, localPartProblem, textWithout } from "./names";

const text = z.string({ error: "must be a text" });
const filled = text.min(1, { error: "must not be empty" });

/** Why a text cannot be what an alias delivers to, or undefined when it can. */
export function targetProblem(target: string): string | undefined {
  if (target === "") return "must not be empty";
  if (/[\p{Cc}\p{Cf}]/u.test(target)) return "must not hold control characters";
  if (isPublicFolder(target))
    return /^#public(\/(?!\.{1,2}(\/|$))[^/]+)+$/.test(target)
      ? undefined
      : "a public folder is written as #public/<name of the folder>";
  return target.includes("@")
    ? addressProblem(target)
    : (localPartProblem(target) ?? addressProblem(`${target}@example.com`));
}

/** The inputs of an alias: type, rule and message of each, and what its change does. */
export const aliasFields = defineFields({
  server: { schema: filled, effect: "replaces" },
  domain: { schema: textWithout(domainProblem), effect: "replaces", required: true },
  name: { schema: textWithout(aliasNameProblem), effect: "replaces", required: true },
  deliverTo: { schema: textWithout(targetProblem), effect: "updates", required: true },
  description: { schema: text, effect: "updates", same: sameText },

  logicalName: { schema: filled, effect: "remembered", hidden: true },
  address: { schema: text, effect: "remembered", hidden: true },
});

/** The checked inputs of an alias. */
export type AliasInputs = Values<typeof aliasFields>;

/** Inputs of an alias that `check` has accepted. */
export type KnownAlias = AliasInputs & { domain: string; name: string; deliverTo: string };

/** Whether two targets of an alias of that domain are the same. */
export function sameDelivery(a: unknown, b: unknown, domain: string): boolean {
  return typeof a === "string" && typeof b === "string" && sameTarget(a, b, domain);
}
