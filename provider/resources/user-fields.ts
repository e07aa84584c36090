import { z } from "zod";
import { defineFields, type Values } from "../dynamic/fields";
import { members } from "../dynamic/members";
import { contactSchema } from "./contact";
import { addressProblem, domainProblem, textWithout, userNameProblem } from "./names";
import { sameText } from "./same-text";
import { sameSize, sizeSchema } from "./units";

const text = z.string({ error: "must be a text" });
const flag = z.boolean({ error: "must be true or false" });
const filled = text.min(1, { error: "must not be empty" });
const dayCount = { error: "must be false or a whole number of days from 1 to 24855" };
const days = z.union([z.literal(false), z.int(dayCount).min(1, dayCount).max(24_855, dayCount)], dayCount);

const itemCount = { error: 'must be a whole number above zero, or "unlimited"' };

const administration = z.enum(["none", "auditor", "accounts", "full"], {
  error: 'must be one of "none", "auditor", "accounts", "full"',
});

const authentication = z.enum(["internal", "windows", "pam", "kerberos", "apple", "ldap"], {
  error: 'must be one of "internal", "windows", "pam", "kerberos", "apple", "ldap"',
});

const roleSchema = z.union(
  [
    administration,
    members({
      administration: administration.default("none"),
      publicFolders: flag.default(false),
      archiveFolders: flag.default(false),
    }),
  ],
  {
    error:
      'must be one of "none", "auditor", "accounts", "full", or an object of administration, publicFolders and ' +
      "archiveFolders",
  },
);

const forwardingSchema = z.union(
  [
    z.literal("none"),
    members({
      to: z
        .array(textWithout(addressProblem), { error: "must be a list of mail addresses" })
        .min(1, { error: "must hold at least one mail address" }),
      keepCopy: flag.default(true),
    }),
  ],
  { error: 'must be "none" or an object of to (a list of mail addresses, at least one) and keepCopy' },
);

const cleanOutSchema = z.union(
  [
    z.literal("domain"),
    members({
      deletedItems: days.default(false),
      junkEmail: days.default(false),
      sentItems: days.default(false),
      allItems: days.default(false),
    }),
  ],
  {
    error:
      'must be "domain" or an object of deletedItems, junkEmail, sentItems and allItems, each false or a number of ' +
      "days from 1 to 24855",
  },
);

const onDeleteSchema = z.union(
  [z.enum(["keepMail", "deleteMail"]), members({ moveMailTo: textWithout(userNameProblem) })],
  { error: 'must be "keepMail", "deleteMail" or { moveMailTo: <name of a user of the same domain> }' },
);

// Names have no letter case on the server.
const nameList = (error: string) =>
  z.array(filled, { error }).transform((names) => {
    const plain = names.map((name) => name.toLowerCase());
    return names.filter((_, index) => plain.indexOf(plain[index] ?? "") === index);
  });

/**
 * The inputs of a user: type, rule and message of each, and what its change does. The class's arguments, `diff` and
 * the documentation follow this table.
 */
export const userFields = defineFields({
  server: { schema: filled, effect: "refused" },
  domain: { schema: textWithout(domainProblem), effect: "refused", required: true },
  name: { schema: textWithout(userNameProblem), effect: "replaces", required: true },

  fullName: { schema: text, effect: "updates", same: sameText },
  description: { schema: text, effect: "updates", same: sameText },
  enabled: { schema: flag, effect: "updates" },
  password: { schema: filled, effect: "updates", secret: true },
  allowPasswordChange: { schema: flag, effect: "updates" },
  passwordReversible: { schema: flag, effect: "updates" },
  authentication: { schema: authentication, effect: "updates" },
  role: { schema: roleSchema, effect: "updates", same: sameRole },
  emailAddresses: {
    schema: nameList("must be a list of local parts or addresses of the domain"),
    effect: "updates",
    same: sameNames,
  },
  forwarding: { schema: forwardingSchema, effect: "updates", same: sameForwarding },
  groups: { schema: nameList("must be a list of group names"), effect: "updates", same: sameNames },
  itemLimit: {
    schema: z.union([z.literal("unlimited"), z.int(itemCount).min(1, itemCount)], itemCount),
    effect: "updates",
  },
  diskQuota: { schema: sizeSchema, effect: "updates", same: sameSize },
  outgoingMessageLimit: { schema: sizeSchema, effect: "updates", same: sameSize },
  domainOnly: { schema: flag, effect: "updates" },
  publishInGal: { schema: flag, effect: "updates" },
  cleanOut: { schema: cleanOutSchema, effect: "updates" },
  accessPolicy: { schema: filled, effect: "updates", same: (a, b) => sameNames([a], [b]) },
  companyContactId: { schema: text, effect: "updates" },
  contact: { schema: contactSchema, effect: "updates" },

  defaultSpamRule: { schema: flag, effect: "remembered" },
  keepOldAddress: { schema: flag, effect: "remembered" },
  onDelete: { schema: onDeleteSchema, effect: "remembered" },
  renamedFrom: { schema: textWithout(userNameProblem), effect: "remembered" },
  adopt: { schema: flag, effect: "remembered" },
  adoptMailbox: { schema: flag, effect: "remembered" },

  photoHash: { schema: filled, effect: "updates", hidden: true },
  logicalName: { schema: filled, effect: "remembered", hidden: true },
  renamedFromId: { schema: filled, effect: "remembered", hidden: true },
  previousNames: { schema: z.array(text), effect: "remembered", hidden: true },
  address: { schema: text, effect: "remembered", hidden: true },
});

/** The checked inputs of a user. */
export type UserInputs = Values<typeof userFields>;

/** An input of a user that is a setting of the account on the server. */
export type UserSetting = {
  [K in keyof typeof userFields]: (typeof userFields)[K] extends { hidden: true }
    ? never
    : (typeof userFields)[K] extends { effect: "updates" }
      ? K
      : never;
}[keyof typeof userFields];

/** The settings of the account, in the order of the table. */
export const userSettings = (Object.keys(userFields) as (keyof typeof userFields)[]).filter(
  (name): name is UserSetting => userFields[name].effect === "updates" && !("hidden" in userFields[name]),
);

/** The three parts of a right, however it was written. A plain text grants no folder rights. */
export function fullRole(role: z.output<typeof roleSchema>): {
  administration: string;
  publicFolders: boolean;
  archiveFolders: boolean;
} {
  return typeof role === "string" ? { administration: role, publicFolders: false, archiveFolders: false } : role;
}

function sameRole(a: unknown, b: unknown): boolean {
  const [one, other] = [roleSchema.safeParse(a), roleSchema.safeParse(b)];
  if (!one.success || !other.success) return false;
  const [x, y] = [fullRole(one.data), fullRole(other.data)];
  return (
    x.administration === y.administration &&
    x.publicFolders === y.publicFolders &&
    x.archiveFolders === y.archiveFolders
  );
}

/** Whether two lists hold the same names, in whatever order and letters. */
function sameNames(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  const sorted = (list: unknown[]) =>
    JSON.stringify([...new Set(list.map((name) => String(name).toLowerCase()))].sort());
  return sorted(a) === sorted(b);
}

function sameForwarding(a: unknown, b: unknown): boolean {
  const [one, other] = [forwardingSchema.safeParse(a), forwardingSchema.safeParse(b)];
  if (!one.success || !other.success) return false;
  if (typeof one.data === "string" || typeof other.data === "string") return one.data === other.data;
  return one.data.keepCopy === other.data.keepCopy && sameNames(one.data.to, other.data.to);
}
