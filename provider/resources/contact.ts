import { isDeepStrictEqual } from "node:util";
import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import { members } from "../dynamic/members";
import type { PersonalContact } from "../kerio/methods/users";
import { addressIn, hasPhoto } from "../kerio/methods/write-contact";
import { addressProblem, textWithout } from "./names";

/** A postal address. Each field that is given is managed, no other, and updated in place. Texts, unless said otherwise. */
export interface PostalAddressArgs {
  /** Post office box. Updated in place. */
  poBox?: Input<string>;
  /** Room, floor, suite. Updated in place. */
  extendedAddress?: Input<string>;
  /** Street and number. Updated in place. */
  street?: Input<string>;
  /** City or other locality. Updated in place. */
  city?: Input<string>;
  /** State, province or region. Updated in place. */
  state?: Input<string>;
  /** Postal code. Updated in place. */
  zip?: Input<string>;
  /** Country. Updated in place. */
  country?: Input<string>;
  /** Whether it is the preferred one of the entry's addresses. Updated in place. */
  preferred?: Input<boolean>;
  /** The address as it is printed on a letter. Updated in place. */
  label?: Input<string>;
  /** Kind of address, in the server's words. Updated in place. */
  type?: Input<string>;
  /** What the server keeps beside it; its meaning is not documented. Updated in place. */
  extension?: Input<string>;
}

/** A person's entry in the address list. Each field that is given is managed, no other, and updated in place. */
export interface ContactArgs {
  /** The name under which the entry is listed. Updated in place. */
  commonName?: Input<string>;
  /** First name. Updated in place. */
  firstName?: Input<string>;
  /** Middle name. Updated in place. */
  middleName?: Input<string>;
  /** Surname. Updated in place. */
  lastName?: Input<string>;
  /** Title before the name: `Dr.` Updated in place. */
  titleBefore?: Input<string>;
  /** Title after the name: `PhD` Updated in place. */
  titleAfter?: Input<string>;
  /** Nickname. Updated in place. */
  nickname?: Input<string>;
  /** Telephone at work. Updated in place. */
  workPhone?: Input<string>;
  /** Mobile telephone. Updated in place. */
  mobilePhone?: Input<string>;
  /** Postal address at work. Updated in place. */
  workAddress?: Input<PostalAddressArgs>;
  /** Web page at work. Updated in place. */
  website?: Input<string>;
  /** As the server holds it, normally `YYYY-MM-DD`. Updated in place. */
  birthday?: Input<string>;
  /** As the server holds it, normally `YYYY-MM-DD`. Updated in place. */
  anniversary?: Input<string>;
  /** Name of the company. Updated in place. */
  company?: Input<string>;
  /** Name of the department. Updated in place. */
  department?: Input<string>;
  /** Profession. Updated in place. */
  profession?: Input<string>;
  /** Name of the person's manager. Updated in place. */
  manager?: Input<string>;
  /** Name of the person's assistant. Updated in place. */
  assistant?: Input<string>;
  /** Free text. Updated in place. */
  comment?: Input<string>;
  /** Instant-messaging address. Updated in place. */
  instantMessaging?: Input<string>;
  /** Mail addresses that the entry shows. The user's own address need not be among them. Updated in place, as a whole. */
  emailAddresses?: Input<Input<string>[]>;
  /**
   * An image file, JPEG or PNG of at most 1 MB, relative to the program's directory, or `"none"`. Uploaded anew when the
   * path or the file's content changes. The server does not give the image back, so of changes made there only a photo
   * that is gone is seen. Updated in place.
   */
  photo?: Input<string>;
}

/** What `photo` says of an entry without one. */
export const noPhoto = "none";

/** What stands for a photo on the server: which one it is cannot be told. */
const somePhoto = "present";

/** The program's word for each plain field of the API's PersonalContact. */
const plainFields = {
  commonName: "commonName",
  firstName: "firstName",
  middleName: "middleName",
  lastName: "surName",
  titleBefore: "titleBefore",
  titleAfter: "titleAfter",
  nickname: "nickName",
  workPhone: "phoneNumberWorkVoice",
  mobilePhone: "phoneNumberMobile",
  website: "urlWork",
  birthday: "birthDay",
  anniversary: "anniversary",
  company: "companyName",
  department: "departmentName",
  profession: "profession",
  manager: "managerName",
  assistant: "assistantName",
  comment: "comment",
  instantMessaging: "IMAddress",
} as const;

/** The program's word for each text of the API's postal address. */
const addressFields = {
  poBox: "pobox",
  extendedAddress: "extendedAddress",
  street: "street",
  city: "locality",
  state: "state",
  zip: "zip",
  country: "country",
  label: "label",
  type: "type",
  extension: "extension",
} as const;

type Plain = keyof typeof plainFields;
type AddressPart = keyof typeof addressFields;

const text = z.string({ error: "must be a text" });
const flag = z.boolean({ error: "must be true or false" });

function texts<K extends string>(fields: Readonly<Record<K, string>>): Record<K, z.ZodOptional<z.ZodString>> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, text.optional()])) as Record<
    K,
    z.ZodOptional<z.ZodString>
  >;
}

const addressSchema = members({ ...texts(addressFields), preferred: flag.optional() }, "must be an object");

/** The `contact` input. */
export const contactSchema = members(
  {
    ...texts(plainFields),
    workAddress: addressSchema.optional(),
    emailAddresses: z.array(textWithout(addressProblem), { error: "must be a list of mail addresses" }).optional(),
    photo: text.min(1, { error: 'must be the path of an image file, or "none"' }).optional(),
  },
  "must be an object",
);

/** The checked `contact` input: what is absent is not managed. */
export type Contact = z.output<typeof contactSchema>;

/** Declared fields in the API's shape, without the photo, which has to be uploaded first. */
export function contactToApi(contact: Contact): Partial<PersonalContact> {
  const card: Partial<PersonalContact> = Object.fromEntries(
    (Object.keys(plainFields) as Plain[])
      .filter((name) => contact[name] !== undefined)
      .map((name) => [plainFields[name], contact[name]]),
  );
  const { workAddress, emailAddresses } = contact;
  if (workAddress) {
    const parts = (Object.keys(addressFields) as AddressPart[])
      .filter((name) => workAddress[name] !== undefined)
      .map((name) => [addressFields[name], workAddress[name]]);
    const { preferred } = workAddress;
    card.postalAddressWork = { ...Object.fromEntries(parts), ...(preferred !== undefined && { preferred }) };
  }
  if (emailAddresses) card.emailAddresses = emailAddresses;
  return card;
}

/** An entry of the API in the program's words. */
export function contactFromApi(contact: PersonalContact): Contact {
  const plain = (Object.keys(plainFields) as Plain[]).map((name) => [name, contact[plainFields[name]]]);
  const address = contact.postalAddressWork;
  const parts = (Object.keys(addressFields) as AddressPart[]).map((name) => [name, address?.[addressFields[name]]]);
  const workAddress = address && withoutAbsent({ ...Object.fromEntries(parts), preferred: address.preferred });
  const emailAddresses = contact.emailAddresses?.flatMap((entry) => addressIn(entry) ?? []);
  const photo = hasPhoto(contact) ? somePhoto : noPhoto;
  return withoutAbsent({ ...Object.fromEntries(plain), workAddress, emailAddresses, photo }) as Contact;
}

/**
 * What is seen, cut down to the fields that are declared; a declared field that is not seen is empty. What cannot be
 * told from the declared value, a photo or another order of addresses, is shown as declared.
 */
export function narrowContact(seen: Contact | undefined, declared: unknown): Contact | undefined {
  const wanted = contactSchema.safeParse(declared);
  if (seen === undefined || !wanted.success) return undefined;
  const { workAddress, emailAddresses, photo, ...plain } = wanted.data;
  const narrow: Contact = Object.fromEntries((Object.keys(plain) as Plain[]).map((name) => [name, seen[name] ?? ""]));
  if (workAddress) {
    const { preferred, ...parts } = workAddress;
    narrow.workAddress = Object.fromEntries(
      (Object.keys(parts) as AddressPart[]).map((name) => [name, seen.workAddress?.[name] ?? ""]),
    );
    if (preferred !== undefined) narrow.workAddress.preferred = seen.workAddress?.preferred ?? false;
  }
  if (emailAddresses) {
    const present = seen.emailAddresses ?? [];
    narrow.emailAddresses = sameTexts(present, emailAddresses) ? emailAddresses : present;
  }
  if (photo !== undefined) narrow.photo = seen.photo === somePhoto && photo !== noPhoto ? photo : seen.photo;
  return narrow;
}

/**
 * Whether everything that is declared stands in what was declared before: fewer fields, or the same. An order of
 * addresses counts here, as what is stored is to be what is declared.
 */
export function isPartOfContact(declared: unknown, before: unknown): boolean {
  if (!isRecord(declared) || !isRecord(before)) return isDeepStrictEqual(declared, before);
  return Object.entries(declared).every(([key, value]) => isPartOfContact(value, before[key]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sameTexts(a: string[], b: string[]): boolean {
  const sorted = (list: string[]) => JSON.stringify(list.map((one) => one.toLowerCase()).sort());
  return sorted(a) === sorted(b);
}

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
