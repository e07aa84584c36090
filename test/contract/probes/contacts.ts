import { outcomeOf } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import type { World } from "../world";
import { errorsOf, shown } from "./tools";

/** The contact entry of an account. */
export const contacts: Probe[] = [
  {
    question: "In which form does a contact take its addresses?",
    fact: { source: "definition", says: "a contact has emailAddresses; the form of one is not said" },
    settles: "contact-addresses",
    async ask(world) {
      const { id } = await world.user("one");
      const text = "jdoe@example.org";
      const asObject = await taken(world, id, [{ address: text, name: "", preferred: true, type: "EmailWork" }]);
      const asText = await taken(world, id, [text]);
      const seen = `objects: ${asObject}; texts: ${asText}`;
      const forms: Record<string, string> = {
        "kept, refused": "objects",
        "refused, kept": "texts",
        "dropped, kept": "texts-or-nothing",
      };
      return { value: forms[`${asObject}, ${asText}`], seen };
    },
  },
  {
    question: "What becomes of a photo's id that belongs to another account?",
    fact: { source: "definition", says: "a contact's photo is an id and an address; whose is not said" },
    settles: "photo-of-another",
    async ask(world) {
      const [one, two] = [await world.user("one"), await world.user("two")];
      const uploaded = await outcomeOf(world.api.upload("photo.png", onePixel));
      if (uploaded.error) throw new NotAsked(`the upload is refused: ${uploaded.error.message}`);
      const own = await setContact(world, one.id, { photo: { id: uploaded.result, url: "" } });
      const { photo } = await contactOf(world, one.id);
      if (!photo?.id) throw new NotAsked(`the uploaded photo is not kept: ${own}`);
      const told = await setContact(world, two.id, { photo: { id: photo.id, url: "" } });
      const second = (await contactOf(world, two.id)).photo?.id;
      const seen = `${told}; ${second ? "it has a photo" : "it has none"}`;
      if (second) return { value: "copied", seen };
      return { value: told === "no error" ? "ignored" : "refused", seen };
    },
  },
  {
    question: "Is a contact changed in the members named alone?",
    fact: { source: "definition", says: "setPersonalContact takes a contact for many accounts" },
    open: true,
    expects: "the other members stay",
    async ask(world) {
      const { id } = await world.user("one");
      await setContact(world, id, { companyName: "Example", comment: "a" });
      const told = await setContact(world, id, { comment: "b" });
      const contact = await contactOf(world, id);
      const holds = contact["companyName"] === "Example" && contact["comment"] === "b";
      return { holds, seen: `${told}; companyName ${shown(contact["companyName"])}` };
    },
  },
];

interface Contact extends Record<string, unknown> {
  photo?: { id?: string };
}

async function setContact(world: World, id: string, contact: object): Promise<string> {
  const { result, error } = await outcomeOf(world.api.call("Users.setPersonalContact", { userIds: [id], contact }));
  return error ? `code ${error.code}` : errorsOf(result);
}

async function contactOf(world: World, id: string): Promise<Contact> {
  const { contacts: found } = await world.api.call<{ contacts: Contact[] }>("Users.getPersonalContact", {
    userIds: [id],
  });
  return found[0] ?? {};
}

async function taken(world: World, id: string, emailAddresses: unknown[]): Promise<string> {
  await setContact(world, id, { emailAddresses: [] });
  if ((await setContact(world, id, { emailAddresses })) !== "no error") return "refused";
  const kept = (await contactOf(world, id))["emailAddresses"];
  return Array.isArray(kept) && kept.length > 0 ? "kept" : "dropped";
}

const onePixel = Uint8Array.from(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
);
