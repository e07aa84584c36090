import { KerioError } from "../errors";
import type { MailServer } from "./mail-server";

/** What the program names of the server; what is left out, or not known yet, is not looked up. */
export interface Named {
  domain: string;
  /** Local part of the user that names them. */
  name: string;
  /** Group names. */
  groups?: readonly (string | undefined)[];
  /** Name of the access policy. */
  accessPolicy?: string;
}

/** What stands for the names on the server. */
export interface NamedIds {
  groupIds?: string[];
  policy?: { id: string };
}

/**
 * Looks up groups and access policy by their names: one list of each.
 *
 * @throws KerioError `NOT_FOUND` with every name that is missing, its path, and the names there are
 */
export async function namedIds(server: MailServer, named: Named): Promise<NamedIds> {
  const { missing, ...ids } = await lookUp(server, named);
  if (missing.length === 0) return ids;
  throw new KerioError("NOT_FOUND", {
    object: `user ${named.name}@${named.domain}`,
    doing: "looking up what it names",
    happened: missing.map(({ what }) => what).join(", "),
    next: `${advice(missing)} Correct the names, or make what is missing in the administration first.`,
  });
}

/** A sentence for a person about every name that is missing; undefined where none is. */
export async function missingNames(server: MailServer, named: Named): Promise<string | undefined> {
  const { missing } = await lookUp(server, named);
  if (missing.length === 0) return undefined;
  return (
    `${named.name}@${named.domain} names what the mail server does not have: ${missing.map(({ what }) => what).join(", ")}. ` +
    `${advice(missing)} Unless somebody makes it before, \`pulumi up\` will fail for this user.`
  );
}

interface Missing {
  what: string;
  /** What there is instead. */
  known: string;
}

async function lookUp(server: MailServer, named: Named): Promise<NamedIds & { missing: Missing[] }> {
  const { domain, groups, accessPolicy } = named;
  const missing: Missing[] = [];
  const idsOf = (there: readonly { id: string; name: string }[], wanted: Named["groups"] & object, kind: Kind) =>
    wanted.flatMap((name, index) => {
      if (name === undefined) return [];
      const found = there.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (found) return [found.id];
      const known = `${kind.all}: ${there.map((one) => one.name).join(", ") || "none"}.`;
      missing.push({ what: `${kind.path(index)}: no ${kind.one} ${JSON.stringify(name)}`, known });
      return [];
    });
  const groupKind = { one: "group", all: `Groups of ${domain}`, path: (index: number) => `groups[${index}]` };
  const policyKind = { one: "access policy", all: "Access policies", path: () => "accessPolicy" };
  const groupIds = groups && idsOf(groups.length > 0 ? await server.inventory.groups(domain) : [], groups, groupKind);
  const [policyId] =
    accessPolicy === undefined ? [] : idsOf(await server.inventory.accessPolicies(), [accessPolicy], policyKind);
  return { missing, ...(groupIds && { groupIds }), ...(policyId !== undefined && { policy: { id: policyId } }) };
}

interface Kind {
  one: string;
  all: string;
  path(index: number): string;
}

function advice(missing: readonly Missing[]): string {
  return [...new Set(missing.map(({ known }) => known))].join(" ");
}
