import type { Simulator } from "../helpers/start-simulator";

/** The answer of a bulk create. */
export interface Created {
  errors: { inputIndex: number; code: number; message: string }[];
  result: { inputIndex: number; id: string }[];
}

/** The answer of a list method. */
export interface Listed<T = Record<string, unknown> & { id: string }> {
  list: T[];
  totalItems: number;
}

/** The id of example.com. */
export async function domainId(simulator: Simulator): Promise<string> {
  const { list } = await simulator.adminCall<Listed>("Domains.get", { query: {} });
  return list[0]?.id ?? "";
}

/** Makes one account and gives its id; throws when the server refuses. */
export async function makeUser(simulator: Simulator, loginName: string, more: object = {}): Promise<string> {
  const users = [{ domainId: await domainId(simulator), loginName, password: "Xk7-pretty-long", ...more }];
  const answer = await simulator.adminCall<Created>("Users.create", { users });
  if (answer.errors[0]) throw new Error(answer.errors[0].message);
  return answer.result[0]?.id ?? "";
}

/** The row of an account, or undefined. */
export async function userRow(simulator: Simulator, loginName: string): Promise<Record<string, unknown> | undefined> {
  const query = { conditions: [{ fieldName: "loginName", comparator: "Eq", value: loginName }] };
  const { list } = await simulator.adminCall<Listed>("Users.get", { query, domainId: await domainId(simulator) });
  return list[0];
}

/** Removes an account by one of the three methods. */
export function removeUser(simulator: Simulator, userId: string, method: string, more: object = {}): Promise<Created> {
  const requests = [{ userId, method, removeReferences: false, targetUserId: "", mode: "DSModeDeactivate", ...more }];
  return simulator.adminCall<Created>("Users.remove", { requests });
}
