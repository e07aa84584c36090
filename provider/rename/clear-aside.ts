import { clearParking } from "../host/directories";
import { parkedName, type RunContext } from "./run-context";

/** Empty directories that stood in the way are removed; one with messages is kept and told. */
export async function clearAside(run: RunContext): Promise<void> {
  const waiting = new Set(run.snapshot.renames.map(parkedName));
  for (const parking of new Set(run.snapshot.renames.map((record) => record.parking))) {
    for (const name of await clearParking(run.host, parking)) {
      if (waiting.has(name)) continue;
      run.server.log.warn(`Messages were left in ${parking}/${name} on the mail host; look whose they are.`);
    }
  }
}
