import type { Engine } from "../engine.js";
import { newId } from "../ids.js";
import type { User } from "../state.js";
import { RpcError } from "./rpc-error.js";

/** The members of a PersonalContact with nothing in them. */
const emptyContact: Record<string, unknown> = {
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

/** A photo as it is kept. */
interface Photo {
  id: string;
  /** Base64. */
  data: string;
}

/** The entry of an account as the API shows it. */
export function contactOf(user: User): object {
  const photo = user.contact["photo"] as Photo | undefined;
  const shown = photo
    ? { id: photo.id, url: `/admin/contact-photo/${photo.id.slice(photo.id.lastIndexOf("/") + 1)}` }
    : {};
  return { ...emptyContact, commonName: user.fullName, ...user.contact, photo: { id: "", url: "", ...shown } };
}

/** Lays known members over the entry of an account; checks everything first, so that a refusal changes nothing. */
export function changeContact(engine: Engine, user: User, contact: Record<string, unknown>): void {
  const { photo, emailAddresses, ...plain } = contact;
  const known = Object.entries(plain).filter(([key]) => key in emptyContact && key !== "isReadOnly");
  const next = { ...user.contact, ...Object.fromEntries(known) };
  if (emailAddresses !== undefined) next["emailAddresses"] = addressesIn(engine, emailAddresses);
  if (photo !== undefined) next["photo"] = photoIn(engine, user, photo);
  user.contact = next;
}

/** Texts or objects, see the switch contact-addresses. */
function addressesIn(engine: Engine, given: unknown): unknown[] {
  const form = engine.switches.of("contact-addresses");
  const fits = (one: unknown) =>
    form === "objects"
      ? typeof one === "object" && typeof (one as { address?: unknown } | null)?.address === "string"
      : typeof one === "string";
  if (!Array.isArray(given)) throw RpcError.invalidParams();
  if (form === "texts-or-nothing") return given.filter(fits);
  if (!given.every(fits)) throw RpcError.invalidParams();
  return given;
}

/** An uploaded file by its id, the entry's own photo by its id, or none; another account's by the switch. */
function photoIn(engine: Engine, user: User, given: unknown): Photo | undefined {
  const wanted = String((given as { id?: unknown } | null)?.id ?? "");
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
