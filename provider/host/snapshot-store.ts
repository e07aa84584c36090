import type { HostSession } from "./session.js";
import { KerioError } from "../errors.js";

/** A snapshot as it lies on the host. */
export interface StoredSnapshot {
  id: string;
  open: boolean;
  text: string;
}

export async function writeSnapshot(_session: HostSession, _id: string, _text: string): Promise<void> {
  throw new KerioError("INTERNAL", { object: "snapshot", doing: "writing", happened: "not built" });
}

export async function listSnapshots(_session: HostSession): Promise<StoredSnapshot[]> {
  throw new KerioError("INTERNAL", { object: "snapshot", doing: "listing", happened: "not built" });
}

export async function closeSnapshot(_session: HostSession, _id: string, _text: string): Promise<void> {
  throw new KerioError("INTERNAL", { object: "snapshot", doing: "closing", happened: "not built" });
}
