import type { KerioClient } from "../../provider/kerio/client";
import { Deadline, waitFor } from "../../provider/retry";
import type { Simulator } from "../helpers/start-simulator";
import { idOfDomain, password } from "./crowd";
import { provider, renameRequest, settingsOf } from "./stage";

/** A call to the Administration API, as far as it decides. */
export interface Made {
  method: string;
  params?: unknown;
}

/** Does something on the server just after a call of ours was answered, once. */
export function after(client: KerioClient, isIt: (call: Made) => boolean, act: () => Promise<unknown>): void {
  let done = false;
  aroundCalls(client, async (made, call) => {
    const answer = await call();
    if (!done && isIt(made)) {
      done = true;
      await act();
    }
    return answer;
  });
}

/** Lets a test stand between our calls and the server. */
export function aroundCalls(
  client: KerioClient,
  around: (made: Made, call: () => Promise<unknown>) => Promise<unknown>,
): void {
  const call = client.call.bind(client) as (call: Made) => Promise<unknown>;
  client.call = ((made: Made) => around(made, () => call(made))) as KerioClient["call"];
}

/** Another administrator makes an enabled account. */
export async function takeSeat(simulator: Simulator, loginName = "stranger"): Promise<void> {
  const users = [{ domainId: await idOfDomain(simulator), loginName, isEnabled: true, password }];
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Users.create", { users });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
}

/** Another administrator removes an account, with its mail unless told otherwise, and sees it go. */
export async function removeAccount(
  simulator: Simulator,
  userId: string,
  { method = "UDeleteFolder", removeReferences = false } = {},
): Promise<void> {
  const removal = { userId, method, removeReferences, targetUserId: "" };
  await simulator.adminCall("Users.remove", { requests: [removal] });
  const awaited = { object: "the stand-in", what: "the account to go", next: "Look at its log.", every: 50 };
  await waitFor({ ...awaited, deadline: Deadline.in(20) }, async () => {
    const { accounts } = await simulator.control.truth();
    return accounts.some(({ id }) => id === userId) ? undefined : true;
  });
}

/** Whether a call disables accounts. */
export function isDisabling({ method, params }: Made): boolean {
  return method === "Users.set" && (params as { pattern: { isEnabled?: boolean } }).pattern.isEnabled === false;
}

/** A rename in a domain of its own that dies with its snapshot written. Gives the ids of domain and account. */
export async function dieInDomain(simulator: Simulator, name: string): Promise<{ domainId: string; userId: string }> {
  const made = async (method: string, params: object): Promise<string> =>
    (await simulator.adminCall<{ result: { id: string }[] }>(method, { ...params })).result[0]?.id ?? "";
  const domainId = await made("Domains.create", { domains: [{ name }] });
  const userId = await made("Users.create", { users: [{ domainId, loginName: "leaver", isEnabled: true, password }] });
  const die = (step: string): void => {
    if (step === "write-snapshot") throw new Error("this machine is switched off");
  };
  const { coordinator, close } = provider(settingsOf(simulator), { hooks: { before: () => {}, after: die } });
  await coordinator.create(renameRequest("leaver", "left", userId, { domain: name })).catch(() => undefined);
  await close();
  return { domainId, userId };
}

/** The same; then somebody removes the domain. */
export async function loseDomain(simulator: Simulator, name = "old.example"): Promise<void> {
  const { domainId, userId } = await dieInDomain(simulator, name);
  await removeAccount(simulator, userId);
  const { errors } = await simulator.adminCall<{ errors: unknown[] }>("Domains.remove", { domainIds: [domainId] });
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
}
