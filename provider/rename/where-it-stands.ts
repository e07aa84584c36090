import { bornAs } from "./snapshot";
import { parkedName, seeAccounts, seeDirectories, type Renaming, type RunContext } from "./run-context";

/** For each rename of a chain that stopped half-way: under what name the person can be reached, and where the mail lies. */
export async function whereItStands(run: RunContext, renamings: Renaming[]): Promise<Map<Renaming, string>> {
  const chained = renamings.filter(({ record }) => record.after !== undefined || record.transientFor !== undefined);
  if (chained.length === 0) return new Map();
  const accounts = await seeAccounts(run, chained);
  const directories = await seeDirectories(run, chained);
  return new Map(
    chained.map((renaming) => {
      const { record } = renaming;
      const { old, fresh } = accounts.get(renaming) ?? {};
      const bearer = fresh ?? old;
      const name = bearer ? `bears the name ${bearer.loginName}` : "has no account at this moment";
      const places = {
        from: `under ${bornAs(record)}`,
        to: `under ${record.to}`,
        parked: `in ${record.parking}/${parkedName(record)} on the mail host, which nobody reads`,
        neither: "",
      };
      const place = record.mailbox ? places[directories.get(renaming)?.mailboxAt ?? "neither"] : "";
      return [renaming, `The person ${name}${place && `, and the mailbox lies ${place}`}.`];
    }),
  );
}
