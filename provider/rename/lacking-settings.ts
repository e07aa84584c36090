import { writableFields, type User } from "../kerio/methods/users";
import type { RenameRecord } from "./snapshot";
import { isWithin } from "./steps/create-accounts";

const byteUnits = ["Bytes", "KiloBytes", "MegaBytes", "GigaBytes", "TeraBytes", "PetaBytes"];

/** How a password is kept is decided when it is set, not by what an account was made with. */
const notGiven = ["isPasswordReversible"];

/**
 * What an account holds otherwise than it was to be given in a rename, by the names of the members. What the server does
 * not tell of it is left out, and so is what is only written in another form.
 */
export function lackingSettings({ settings }: Pick<RenameRecord, "settings">, user: User): string[] {
  const [wanted, seen]: Record<string, unknown>[] = [{ ...settings }, { ...writableFields(user) }];
  return Object.keys(wanted ?? {}).filter(
    (member) =>
      !notGiven.includes(member) &&
      seen?.[member] !== undefined &&
      !isWithin(inOneForm(wanted?.[member]), inOneForm(seen[member])),
  );
}

/**
 * What is switched off, or left to the domain, has no value; a size is a number of bytes; a list has no order and nothing
 * twice, and addresses no case. Servers tidy blanks and line ends.
 */
function inOneForm(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("\r\n", "\n").trim();
  if (Array.isArray(value))
    return [...new Set(value.map((one) => (typeof one === "string" ? one.trim().toLowerCase() : one)))].sort();
  if (typeof value !== "object" || value === null) return value;
  const members = value as Record<string, unknown>;
  if (members.isUsedDomain === true) return "domain";
  if (members.isActive === false || members.isEnabled === false || members.mode === "UForwardNone") return "off";
  const { value: size, units } = members;
  if (typeof size === "number" && typeof units === "string") return size * 1024 ** byteUnits.indexOf(units);
  return Object.fromEntries(Object.entries(members).map(([name, one]) => [name, inOneForm(one)]));
}
