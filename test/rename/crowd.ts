import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { domain, newcomer, renameRequest } from "./stage";
import type { UserRequest } from "../../provider/rename/user-request";

/** A mail server with so many people, each with one message. */
export interface Crowd {
  simulator: Simulator;
  ids: string[];
}

/** What everybody signs in with. */
export const password = "Orchard.7.Gate";

export const oldName = (index: number): string => `person${index}`;
export const newName = (index: number): string => `someone${index}`;

/** Starts a server with `people` users and `seats` licence seats; `own` is the domain's own limit. */
export async function crowd(people: number, seats: number, options: { own?: number } = {}): Promise<Crowd> {
  // The ids of all of them travel together.
  const room = { "licence-seats": String(seats), "largest-request-bytes": "1000000" };
  const switches = { ...room, "refusal-texts": "with-parameters", "unknown-method": "error" };
  const simulator = await startSimulator({ switches });
  const { adminCall } = simulator;
  const domainId = await idOfDomain(simulator);
  if (options.own !== undefined) {
    await adminCall("Domains.set", { domainIds: [domainId], pattern: { userMaxCount: options.own } });
  }
  const users = Array.from({ length: people }, (_, index) => ({
    domainId,
    loginName: oldName(index),
    isEnabled: true,
    password,
  }));
  const { result, errors } = await adminCall<{ result: { id: string }[]; errors: unknown[] }>("Users.create", {
    users,
  });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  for (let index = 0; index < people; index++) {
    const text = `From: <a@example.org>\r\nSubject: mail of ${oldName(index)}\r\n\r\nx\r\n`;
    await simulator.control.submit("a@example.org", [`${oldName(index)}@${domain}`], text);
  }
  return { simulator, ids: result.map(({ id }) => id) };
}

export async function idOfDomain(simulator: Simulator): Promise<string> {
  const { list } = await simulator.adminCall<{ list: { id: string }[] }>("Domains.get", { query: {} });
  return list[0]?.id ?? "";
}

/** The renames of the first so many people, with the program's password. */
export function renamesOf({ ids }: Crowd, count: number, change: Partial<UserRequest> = {}): UserRequest[] {
  return ids
    .slice(0, count)
    .map((id, index) => renameRequest(oldName(index), newName(index), id, { password, ...change }));
}

export function newcomersOf(count: number): UserRequest[] {
  return Array.from({ length: count }, (_, index) => newcomer(`newcomer${index}`, { password }));
}
