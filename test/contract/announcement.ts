import type { ContractServer } from "./contract-server";
import type { Probe } from "./probe";

/** What a run will do to a server, said before it begins. */
export function announcement(
  { username, domain, prefix, smtp, sender }: ContractServer,
  areas: Record<string, readonly Probe[]>,
  beyond: boolean,
): string {
  const questions = Object.values(areas).flat();
  const mail = smtp
    ? `sends some twenty mails from ${sender} by SMTP to addresses under the prefix;`
    : "sends no mail, because no address for it was given (KERIO_CONTRACT_SMTP_HOST);";
  return [
    `${questions.length} questions to the server, as ${username}. This run`,
    `- removes what an earlier run has left: whatever begins with ${prefix} and says so in its description;`,
    `- makes accounts (three at a time at most), aliases, groups, lists and resources in ${domain}, and domains that`,
    `  end in .invalid, all of them beginning with ${prefix}, and removes them, with the mail in them;`,
    `- ${mail}`,
    "- fails to log in up to four times, with names under the prefix;",
    ...(beyond ? questions.flatMap((each) => (each.beyond === undefined ? [] : [`- ${each.beyond};`])) : []),
    "- and stops no service, changes no setting, and restarts nothing.",
  ].join("\n");
}
