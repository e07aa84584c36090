import type { UserRequest } from "../rename/user-request";
import { contactToApi } from "./contact";
import { toPattern } from "./user-convert";
import type { UserInputs } from "./user-fields";

/** The inputs of a user as the coordinator takes them. */
export function toRequest(inputs: UserInputs & { domain: string; name: string }): UserRequest {
  const card = inputs.contact && contactToApi(inputs.contact);
  const { domain, name, groups, accessPolicy, password, renamedFrom, renamedFromId } = inputs;
  return {
    domain,
    name,
    declared: toPattern(inputs),
    ...(groups && { groups }),
    ...(accessPolicy !== undefined && { accessPolicy }),
    ...(card && Object.keys(card).length > 0 && { contact: card }),
    ...(password !== undefined && { password }),
    ...(renamedFrom !== undefined && {
      renamedFrom: { name: renamedFrom, ...(renamedFromId !== undefined && { userId: renamedFromId }) },
    }),
    ...(inputs.defaultSpamRule !== undefined && { defaultSpamRule: inputs.defaultSpamRule }),
    keepOldAddress: inputs.keepOldAddress ?? true,
    adopt: inputs.adopt ?? false,
    adoptMailbox: inputs.adoptMailbox ?? false,
  };
}
