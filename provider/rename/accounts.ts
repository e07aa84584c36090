import type { KerioClient } from "../kerio/client";
import { listUsers, type User } from "../kerio/methods/users";

/** The account of an id as the server lists it now. */
export async function getUserById(client: KerioClient, domainId: string, id: string): Promise<User | undefined> {
  return (await listUsers(client, { domainId })).find((user) => user.id === id);
}
