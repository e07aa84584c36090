import { KerioError } from "../errors";
import type { MailServer } from "./mail-server";

/** @throws KerioError `NOT_FOUND` naming the groups there are */
export async function groupIdsOf(server: MailServer, domain: string, names: string[]): Promise<string[]> {
  const groups = await server.inventory.groups(domain);
  return names.map((name) => {
    const group = groups.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (group) return group.id;
    throw missing(
      `group ${name} of ${domain}`,
      groups.map((candidate) => candidate.name),
    );
  });
}

/** @throws KerioError `NOT_FOUND` naming the access policies there are */
export async function policyOf(server: MailServer, name: string): Promise<{ id: string }> {
  const policies = await server.inventory.accessPolicies();
  const policy = policies.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (policy) return { id: policy.id };
  throw missing(
    `access policy ${name}`,
    policies.map((candidate) => candidate.name),
  );
}

function missing(object: string, known: string[]): KerioError {
  return new KerioError("NOT_FOUND", {
    object,
    doing: "looking it up",
    happened: "the mail server has none of that name",
    next: `It has: ${known.join(", ") || "none"}.`,
  });
}
