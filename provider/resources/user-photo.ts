import type { Server } from "../dynamic/servers";
import { KerioError } from "../errors";
import { getPersonalContacts } from "../kerio/methods/personal-contacts";
import { uploadFile } from "../kerio/methods/uploads";
import { hasPhoto, writeContact } from "../kerio/methods/write-contact";
import { noPhoto } from "./contact";
import { readPhoto } from "./photo";
import { addressOf } from "./user-convert";
import type { KnownUser } from "./user-create";

/**
 * Gives the account's contact the declared photo, or none, and looks that it is so. Nothing is done where the program
 * declares nothing about it.
 *
 * @throws KerioError `INPUT_INVALID` when the file is not the one that `check` has read, `API_REFUSED`
 */
export async function writePhoto(server: Server, id: string, user: KnownUser): Promise<void> {
  const path = user.contact?.photo;
  if (path === undefined) return;
  const about = { object: `user ${addressOf(user.name, user.domain)}`, doing: "changing the photo of the contact" };
  const before = (await getPersonalContacts(server.client, [id])).get(id);
  if (path === noPhoto && !hasPhoto(before)) return;
  const photo = { id: path === noPhoto ? "" : await upload(server, path, user.photoHash, about), url: "" };
  const seen = await writeContact(server.client, id, { ...before, photo }, about);
  if (hasPhoto(seen) === (path !== noPhoto)) return;
  throw new KerioError("API_REFUSED", {
    ...about,
    happened: `the server answered yes, and the contact ${hasPhoto(seen) ? "still has" : "has no"} photo`,
    next: "Look at the contact in the administration; then run `pulumi up` again.",
    outcome: "rejected",
  });
}

async function upload(
  server: Server,
  path: string,
  hash: string | undefined,
  about: { object: string; doing: string },
): Promise<string> {
  const photo = readPhoto(path);
  const problem = !photo.ok
    ? photo.problem
    : hash !== undefined && photo.hash !== hash
      ? `names ${path}, which has changed since it was checked`
      : undefined;
  if (photo.ok && problem === undefined) return uploadFile(server.client, photo.file, about);
  throw new KerioError("INPUT_INVALID", {
    ...about,
    happened: `contact.photo ${problem}`,
    next: "Run `pulumi up` again.",
  });
}
