import { refusal } from "../dynamic/failures";
import type { Failure } from "../dynamic/lifecycle";
import { hasUnknown } from "../dynamic/unknowns";
import { localPart } from "../rename/delivery-address";
import { noPhoto } from "./contact";
import { addressProblem, localPartProblem } from "./names";
import { readPhoto } from "./photo";

/**
 * What is wrong with values of a user that are right each by itself. Addresses come out normalised, and the content of
 * the photo's file becomes an input.
 *
 * @param wrong the inputs of which something is wrong already
 */
export function checkValues(inputs: Record<string, unknown>, wrong: ReadonlySet<string>): Failure[] {
  const isRight = (...names: string[]) => !names.some((name) => wrong.has(name));
  return [
    ...(isRight("domain", "emailAddresses") ? checkAddresses(inputs) : []),
    ...(isRight("contact") ? hashPhoto(inputs) : []),
    ...(isRight("name", "onDelete") ? checkHeir(inputs) : []),
  ];
}

function checkAddresses(inputs: Record<string, unknown>): Failure[] {
  const { domain, name, emailAddresses } = inputs;
  if (typeof domain !== "string" || !Array.isArray(emailAddresses) || hasUnknown(domain)) return [];
  const parts = emailAddresses.map((address: unknown) =>
    hasUnknown(address) ? undefined : localPart(String(address), domain),
  );
  const failures = parts.flatMap((part, index) => {
    const problem = part === undefined ? undefined : ownAddressProblem(part, domain, name);
    return problem === undefined ? [] : [refusal(`emailAddresses[${index}]: ${problem}.`)];
  });
  if (!hasUnknown(emailAddresses)) inputs["emailAddresses"] = [...new Set(parts)];
  return failures;
}

/** @param part a local part, or a whole address of another domain */
function ownAddressProblem(part: string, domain: string, name: unknown): string | undefined {
  if (part.includes("@")) return `it is not an address of the domain ${domain}; use an Alias or forwarding for it`;
  if (part === name) return "it is the user's own address, which is not to be listed";
  return localPartProblem(part) ?? addressProblem(`${part}@${domain}`);
}

/** The content of the photo's file is an input like any other: another content is a difference. */
function hashPhoto(inputs: Record<string, unknown>): Failure[] {
  const { contact } = inputs;
  if (typeof contact !== "object" || contact === null) return [];
  const { photo: path } = contact as { photo?: unknown };
  if (typeof path !== "string" || path === noPhoto || hasUnknown(path)) return [];
  const photo = readPhoto(path);
  if (!photo.ok) return [refusal(`contact.photo: ${photo.problem}.`)];
  inputs["photoHash"] = photo.hash;
  return [];
}

function checkHeir({ name, onDelete }: Record<string, unknown>): Failure[] {
  const heir = typeof onDelete === "object" && onDelete !== null ? Reflect.get(onDelete, "moveMailTo") : undefined;
  if (heir === undefined || hasUnknown(heir) || heir !== name) return [];
  return [refusal("onDelete.moveMailTo: it is the user's own name; name the user who is to get the mail.")];
}
