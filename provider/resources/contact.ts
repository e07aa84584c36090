import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import type { PersonalContact } from "../kerio/methods/users";
import { addressIn, hasPhoto } from "../kerio/methods/write-contact";
import { addressProblem, textWithout } from "./names";

/** A postal address. Each field that is given is managed. */
export interface PostalAddressArgs {
  poBox?: Input<string>;
  /** Room, floor, suite. */
  extendedAddress?: Input<string>;
  street?: Input<string>;
  city?: Input<string>;
  state?: Input<string>;
  zip?: Input<string>;
  country?: Input<string>;
}

/** A person's entry in the address list. Each field that is given is managed, no other. */
export interface ContactArgs {
  /** The name under which the entry is listed. */
  commonName?: Input<string>;
  firstName?: Input<string>;
  middleName?: Input<string>;
  lastName?: Input<string>;
  /** Title before the name: `Dr.` */
  titleBefore?: Input<string>;
  /** Title after the name: `PhD` */
  titleAfter?: Input<string>;
  nickname?: Input<string>;
  workPhone?: Input<string>;
  mobilePhone?: Input<string>;
  /** Postal address at work. */
  workAddress?: Input<PostalAddressArgs>;
  /** Web page at work. */
  website?: Input<string>;
  /** As the server holds it, normally `YYYY-MM-DD`. */
  birthday?: Input<string>;
  /** As the server holds it, normally `YYYY-MM-DD`. */
  anniversary?: Input<string>;
  company?: Input<string>;
  department?: Input<string>;
  profession?: Input<string>;
  manager?: Input<string>;
  assistant?: Input<string>;
  comment?: Input<string>;
  /** Instant-messaging address. */
  instantMessaging?: Input<string>;
  /** Mail addresses that the entry shows. The user's own address need not be among them. Written as a whole. */
  emailAddresses?: Input<Input<string>[]>;
  /**
   * An image file, JPEG or PNG of at most 1 MB, relative to the program's directory, or `"none"`. Uploaded anew when the
   * path or the file's content changes. The server does not give the image back, so of changes made there only a photo
   * that is gone is seen.
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

/** The program's word for each field of the API's postal address. */
const addressFields = {
  poBox: "pobox",
  extendedAddress: "extendedAddress",
  street: "street",
  city: "locality",
  state: "state",
  zip: "zip",
  country: "country",
} as const;

type Plain = keyof typeof plainFields;
type AddressPart = keyof typeof addressFields;

const text = z.string({ error: "must be a text" });

function texts<K extends string>(fields: Readonly<Record<K, string>>): Record<K, z.ZodOptional<z.ZodString>> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, text.optional()])) as Record<
    K,
    z.ZodOptional<z.ZodString>
  >;
}

/** The `contact` input. */
export const contactSchema = z.strictObject(
  {
    ...texts(plainFields),
    workAddress: z.strictObject(texts(addressFields)).optional(),
    emailAddresses: z.array(textWithout(addressProblem), { error: "must be a list of mail addresses" }).optional(),
    photo: text.min(1, { error: 'must be the path of an image file, or "none"' }).optional(),
  },
  { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : "must be an object") },
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
    card.postalAddressWork = Object.fromEntries(parts);
  }
  if (emailAddresses) card.emailAddresses = emailAddresses;
  return card;
}

/** An entry of the API in the program's words. */
export function contactFromApi(contact: PersonalContact): Contact {
  const plain = (Object.keys(plainFields) as Plain[]).map((name) => [name, contact[plainFields[name]]]);
  const address = contact.postalAddressWork;
  const parts = (Object.keys(addressFields) as AddressPart[]).map((name) => [name, address?.[addressFields[name]]]);
  const workAddress = address && withoutAbsent(Object.fromEntries(parts));
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
  if (workAddress)
    narrow.workAddress = Object.fromEntries(
      (Object.keys(workAddress) as AddressPart[]).map((name) => [name, seen.workAddress?.[name] ?? ""]),
    );
  if (emailAddresses) {
    const present = seen.emailAddresses ?? [];
    narrow.emailAddresses = sameTexts(present, emailAddresses) ? emailAddresses : present;
  }
  if (photo !== undefined) narrow.photo = seen.photo === somePhoto && photo !== noPhoto ? photo : seen.photo;
  return narrow;
}

function sameTexts(a: string[], b: string[]): boolean {
  const sorted = (list: string[]) => JSON.stringify(list.map((one) => one.toLowerCase()).sort());
  return sorted(a) === sorted(b);
}

function withoutAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
