import type { Snapshot } from "./snapshot";

/** How somebody closes a snapshot that no run can bring to its end. */
export function closeByHand({ id, renames }: Snapshot): string {
  const paths = new Set(renames.flatMap(({ domainPath, parking }) => [domainPath, parking]));
  return (
    `look in ${[...paths].join(" and ")} for mail that no account shows, and then move ` +
    `~root/.pulumi-kerio/snapshots/${id}.open.json on the mail host out of that directory`
  );
}
