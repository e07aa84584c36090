import { KerioError } from "../errors";
import { closeSnapshot, updateSnapshot } from "../host/snapshot-store";
import type { RunContext } from "./run-context";
import { heardMarks, isSettled, writeText, type Snapshot } from "./snapshot";

type Written = Pick<RunContext, "host" | "snapshot">;

/** Writes down in the snapshot on the host what it holds here. */
export async function writeDown({ host, snapshot }: Written): Promise<void> {
  if ((await updateSnapshot(host, snapshot.id, writeText(snapshot))) === "closed") throw closedMeanwhile(snapshot);
}

/** Writes the results down; a snapshot in which nothing is left to do or to be heard is closed. */
export async function saveResults(run: Written & Pick<RunContext, "server">): Promise<void> {
  const { host, snapshot } = run;
  if (isSettled(snapshot)) {
    const { configurationCopyDays } = run.server.settings;
    await closeSnapshot(host, snapshot.id, writeText(snapshot), configurationCopyDays, heardMarks(snapshot));
    return;
  }
  // Whoever has closed it has heard of all that we do not know to be heard.
  await updateSnapshot(host, snapshot.id, writeText(snapshot));
}

function closedMeanwhile({ id }: Snapshot): KerioError {
  return new KerioError("RENAME_OPEN", {
    object: `snapshot ${id} on the mail host`,
    doing: "adding results to it",
    happened: "it has been closed by somebody else",
    next: "Run `pulumi up` again.",
    outcome: "rejected",
  });
}
