import { z } from "zod";

/** Accounts that the server has built in and does not list among its users. */
const reservedNames = ["anyone", "authuser"];

/**
 * Why a text cannot be the local part of an address that a user of the server bears, or undefined when it can: it would
 * be dangerous as the name of a directory, or is that of something of the server's own.
 */
export function localPartProblem(part: string): string | undefined {
  if (part === "") return "must not be empty";
  if (/[\p{Cc}\p{Cf}]/u.test(part)) return "must not hold control characters";
  if (/[/\\]/.test(part)) return "must not hold / or \\: it becomes the name of a directory";
  if (part.startsWith("#")) return "must not begin with #: such names belong to the server's own folders";
  if (part.startsWith("-")) return "must not begin with a hyphen";
  if (part.startsWith(".") || part.endsWith(".") || part.includes(".."))
    return "must not begin or end with a dot, nor hold two in a row";
  if (part.length > 64) return "must not be longer than 64 characters";
  if (reservedNames.includes(part.toLowerCase())) return "is the name of a built-in account of the server";
  return undefined;
}

/**
 * Why a text cannot be the name of a user, or undefined when it can.
 *
 * The vendor documents no spaces, special characters or diacritics, and that case does not count; the exact set is not
 * published. What is let through here is what was seen to work and what is harmless as the name of a directory.
 */
export function userNameProblem(name: string): string | undefined {
  if (name.includes("@")) return "is the part before the @ alone; the part behind it belongs into domain";
  const problem = localPartProblem(name);
  if (problem) return problem;
  const lower = name.toLowerCase();
  if (lower !== name && /^[a-z0-9._-]+$/.test(lower)) return `must be written in lower case: ${JSON.stringify(lower)}`;
  if (!/^[a-z0-9._-]+$/.test(name))
    return "may hold letters from a to z, digits, dots, hyphens and underscores; no spaces, special characters or diacritics";
  return undefined;
}

/** Why a text cannot be the name of a mail domain, or undefined when it can. */
export function domainProblem(domain: string): string | undefined {
  if (domain !== domain.toLowerCase()) return `must be written in lower case: ${JSON.stringify(domain.toLowerCase())}`;
  if (domain.length > 253) return "must not be longer than 253 characters";
  const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
  if (!domain.split(".").every((part) => label.test(part)))
    return "is not a domain name: letters from a to z, digits, hyphens and single dots make one";
  return undefined;
}

/** Why a text cannot be the name of an alias: as a user name, and `*` and `?` as wildcards. */
export function aliasNameProblem(name: string): string | undefined {
  if (name === "") return "must not be empty";
  if (/^[*?.]+$/.test(name)) return name.includes(".") ? "must not consist of dots and wildcards alone" : undefined;
  return userNameProblem(name.replace(/[*?]/g, "x"))?.replace(
    JSON.stringify(name.replace(/[*?]/g, "x").toLowerCase()),
    () => JSON.stringify(name.toLowerCase()),
  );
}

/** Why a text cannot be a mail address, or undefined when it can. Deliberately lenient: other systems' rules differ. */
export function addressProblem(address: string): string | undefined {
  if (/[\s\p{Cc}\p{Cf}<>(),;:"\\]/u.test(address))
    return 'must not hold spaces, control characters or any of <>(),;:"\\';
  const at = address.lastIndexOf("@");
  if (at < 1 || address.indexOf("@") !== at) return "is not a mail address of the form name@domain";
  const problem = domainProblem(address.slice(at + 1).toLowerCase());
  return problem && `its domain ${problem}`;
}

/** A text for which `problem` finds none. The message of a failure is what it says. */
export function textWithout(problem: (text: string) => string | undefined): z.ZodString {
  return z.string({ error: "must be a text" }).superRefine((text, context) => {
    const found = problem(text);
    if (found) context.addIssue({ code: "custom", message: found });
  });
}
