import type { Download } from "../downloads.js";
import type { Engine } from "../engine.js";
import { newId } from "../ids.js";
import type { User } from "../state.js";
import { without } from "../without.js";
import { changed, patternOf, type Members } from "./pattern.js";
import { RpcError } from "./rpc-error.js";

/** The members of a PersonalContact with nothing in them. */
const emptyContact: Members = {
  ...Object.fromEntries(
    (
      "commonName firstName middleName surName titleBefore titleAfter nickName phoneNumberWorkVoice phoneNumberMobile " +
      "urlWork birthDay anniversary companyName departmentName profession managerName assistantName comment IMAddress"
    )
      .split(" ")
      .map((name) => [name, ""]),
  ),
  postalAddressWork: Object.fromEntries(
    "pobox extendedAddress street locality state zip country label type extension"
      .split(" ")
      .map((name): [string, unknown] => [name, ""])
      .concat([["preferred", false]]),
  ),
  photo: { id: "", url: "" },
  isReadOnly: false,
  emailAddresses: [],
};

/** The members of an entry to change: all may be missing, also of the address, and unknown ones are dropped. */
export const contactPattern = patternOf(emptyContact);

/** A photo as it is kept. */
interface Photo {
  id: string;
  /** Base64. */
  data: string;
}

/** The entry of an account as the API shows it. */
export function contactOf(user: User): object {
  const photo = user.contact["photo"] as Photo | undefined;
  const shown = photo ? { id: photo.id, url: photoUrl(photo) } : {};
  const known = changed({ ...emptyContact, commonName: user.fullName }, without(user.contact, "photo"));
  return { ...known, photo: { id: "", url: "", ...shown } };
}

/** Lays members over the entry of an account; checks everything first, so that a refusal changes nothing. */
export function changeContact(engine: Engine, user: User, contact: Members): void {
  const { photo, emailAddresses, ...plain } = contact;
  const next = changed(user.contact, without(plain, "isReadOnly"));
  if (emailAddresses !== undefined) next["emailAddresses"] = addressesIn(engine, emailAddresses as unknown[]);
  if (photo !== undefined) next["photo"] = photoIn(engine, user, (photo as Partial<Photo>).id ?? "");
  user.contact = next;
}

/** The photo at this path of the administration, as its entry's `url` says; or undefined. */
export function contactPhotoAt(engine: Engine, path: string): Download | undefined {
  if (!path.startsWith(photoPath)) return undefined;
  const photos = engine.state.users.map((user) => user.contact["photo"] as Photo | undefined);
  const photo = photos.find((each) => each && photoUrl(each) === path);
  return photo && { name: "photo", content: Buffer.from(photo.data, "base64") };
}

const photoPath = "/admin/contact-photo/";

function photoUrl({ id }: Photo): string {
  return `${photoPath}${id.slice(id.lastIndexOf("/") + 1)}`;
}

/** Texts or objects, see the switch contact-addresses. */
function addressesIn(engine: Engine, given: unknown[]): unknown[] {
  const form = engine.switches.of("contact-addresses");
  const fits = (one: unknown) =>
    form === "objects"
      ? typeof one === "object" && typeof (one as { address?: unknown } | null)?.address === "string"
      : typeof one === "string";
  if (form === "texts-or-nothing") return given.filter(fits);
  if (!given.every(fits)) throw RpcError.invalidParams();
  return given;
}

/** An uploaded file by its id, the entry's own photo by its id, or none; another account's by the switch. */
function photoIn(engine: Engine, user: User, wanted: string): Photo | undefined {
  const own = user.contact["photo"] as Photo | undefined;
  if (wanted === "") return undefined;
  if (wanted === own?.id) return own;
  const uploaded = engine.uploads.get(wanted);
  if (uploaded) return { id: newId("photo"), data: uploaded.toString("base64") };
  const others = engine.state.users.map((each) => each.contact["photo"] as Photo | undefined);
  const other = others.find((photo) => photo?.id === wanted);
  const rule = engine.switches.of("photo-of-another");
  if (!other || rule === "refused") throw RpcError.missing(wanted);
  return rule === "ignored" ? own : { id: newId("photo"), data: other.data };
}
