import { codeOf, messageOf } from "../../errors";
import { listAliases, removeAliases, type Alias } from "../../kerio/methods/aliases";
import { runBatch } from "../../kerio/methods/batch";
import type { NewUser } from "../../kerio/methods/users";
import { interimOf } from "../interim-aliases";
import { isLedElsewhere, isSameAlias, makeAgain, noteLifted, yieldingAliases } from "../lifted-aliases";
import { lookAgain, seeAccounts, type Renaming, type RunContext } from "../run-context";
import { askForUsers } from "./ask-for-users";

/** An account that the server has refused as it was first asked for. */
interface Refused {
  renaming: Renaming;
  /** As it is wanted best: enabled where a seat is free. */
  user: NewUser;
  /** A password that the server has generated for it. */
  password: string;
}

/**
 * Leaves out what may be the reason of a refusal, as far as it can be made up for. Where somebody has made way already,
 * the account is enabled later, and the password is set at the end, or told then. Where a server lets no user stand beside
 * an alias of that name, the alias goes in the same call: mail that comes between the two would be returned.
 *
 * @returns whether the account has been made
 */
export async function createAnyhow(run: RunContext, { renaming, user, password }: Refused): Promise<boolean> {
  const { record } = renaming;
  const isInto = record.after !== undefined;
  const disabled = { ...user, isEnabled: false };
  const plain = { ...disabled, password };
  const less = [...(user.isEnabled ? [disabled] : []), ...(isInto && renaming.password !== undefined ? [plain] : [])];
  const isMade = async (tries: NewUser[]): Promise<boolean> => {
    for (const one of tries) {
      const [refusal] = await askForUsers(run, [one], [renaming]);
      if (refusal !== undefined) continue;
      renaming.passwordSet = renaming.password !== undefined && one !== plain;
      return true;
    }
    return false;
  };
  if (isInto && (await isMade(less))) return true;
  const lifted = await aliasesInPlace(run, renaming);
  if (lifted.length === 0) return false;
  await noteLifted(run, renaming, lifted);
  if (await takeName(run, renaming, user, lifted)) {
    renaming.passwordSet = renaming.password !== undefined;
    return true;
  }
  const left = (await aliasesInPlace(run, renaming)).map((alias) => alias.id);
  if (left.length > 0) await removeAliases(run.server.client, left, { relogin: false, itemwise: true });
  if (await isMade([user, ...less])) return true;
  await putBack(run, renaming, lifted);
  return false;
}

/**
 * Puts aliases back at once for an account that did not come into being, unless somebody else has made one of the name since.
 * What is refused, a roll-back tries again and tells.
 */
async function putBack(run: RunContext, renaming: Renaming, lifted: Alias[]): Promise<void> {
  const rows = await listAliases(run.server.client, { domainId: renaming.record.domainId });
  if (isLedElsewhere(run, renaming, rows)) return;
  const missing = lifted.filter((alias) => !rows.some((row) => isSameAlias(row, alias)));
  if (missing.length > 0) await makeAgain(run, renaming.record, missing);
}

/** The aliases of the new name that give way to the account: the person's own, and what has borne it meanwhile. */
async function aliasesInPlace({ server, snapshot }: RunContext, { record }: Renaming): Promise<Alias[]> {
  const rows = await listAliases(server.client, { domainId: record.domainId });
  const [interim, yielding] = [interimOf(snapshot, record, rows), yieldingAliases(record)];
  return rows.filter((row) => interim.includes(row) || yielding.some((kept) => isSameAlias(row, kept)));
}

/**
 * Lets an account follow the aliases of its name in one call. What the server does not do of it is done one by one
 * afterwards.
 *
 * @returns whether the account is there
 */
async function takeName(run: RunContext, renaming: Renaming, user: NewUser, lifted: Alias[]): Promise<boolean> {
  try {
    const commands = [
      { method: "Aliases.remove", params: { aliasIds: lifted.map((alias) => alias.id) } },
      { method: "Users.create", params: { users: [user] } },
    ];
    await runBatch(run.server.client, commands, { relogin: false });
  } catch (error) {
    if (codeOf(error) !== "API_REFUSED") throw error;
    run.server.log.progress(`${messageOf(error)} Going on step by step.`);
  }
  lookAgain(run);
  return (await seeAccounts(run, [renaming])).get(renaming)?.fresh !== undefined;
}
