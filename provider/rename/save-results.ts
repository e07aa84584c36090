import { closeSnapshot, updateSnapshot } from "../host/snapshot-store";
import type { RunContext } from "./run-context";
import { isSettled, writeText } from "./snapshot";

/** Writes down in the snapshot on the host what it holds here. */
export async function writeDown({ host, snapshot }: Pick<RunContext, "host" | "snapshot">): Promise<void> {
  await updateSnapshot(host, snapshot.id, writeText(snapshot));
}

/** Writes the results down; a snapshot in which nothing is left to do or to be heard is closed. */
export async function saveResults(run: Pick<RunContext, "host" | "snapshot" | "server">): Promise<void> {
  if (!isSettled(run.snapshot)) return writeDown(run);
  const { configurationCopyDays } = run.server.settings;
  await closeSnapshot(run.host, run.snapshot.id, writeText(run.snapshot), configurationCopyDays);
}
