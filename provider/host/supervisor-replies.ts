import { KerioError } from "../errors";
import type { Move, MoveReport, StartReport, StopReport } from "./supervisor";

/** The `key=value` lines of a result; a key may come several times. Throws `RENAME_REFUSED` when it is a refusal. */
function values(reply: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of reply.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) found.set(line.slice(0, at), [...(found.get(line.slice(0, at)) ?? []), line.slice(at + 1)]);
  }
  const refused = found.get("refused")?.[0];
  if (refused !== undefined) {
    throw new KerioError("RENAME_REFUSED", {
      object: "supervisor on the mail host",
      doing: "carrying out a step",
      happened: refused.trim(),
      outcome: "rejected",
    });
  }
  return found;
}

function one(found: Map<string, string[]>, key: string): string {
  const value = found.get(key)?.[0];
  if (value === undefined) {
    throw new KerioError("UNEXPECTED_REPLY", {
      object: "supervisor on the mail host",
      doing: "reading its answer",
      happened: `it does not tell ${key}`,
      outcome: "unknown",
    });
  }
  return value.trim();
}

/** The value of the only key of interest. */
export function single(reply: string, key: string): string {
  return one(values(reply), key);
}

/** The result of `stop`. */
export function parseStop(reply: string): StopReport {
  const found = values(reply);
  return {
    stoppedAt: Number(one(found, "stoppedAt")),
    orderly: one(found, "orderly") === "yes",
    inactive: one(found, "inactive") === "yes",
    processGone: one(found, "gone") === "yes",
    missingAccounts: [...new Set((found.get("missing") ?? []).map((account) => account.replace("\t", "@")))].sort(),
    detail: one(found, "detail"),
  };
}

/** The result of `named`: `name@domain` of each, in lower case. */
export function parseNamed(reply: string): string[] {
  const found = values(reply);
  one(found, "done");
  return (found.get("named") ?? []).map((account) => account.trim().replace("\t", "@").toLowerCase());
}

/** The result of `start`. */
export function parseStart(reply: string): StartReport {
  const found = values(reply);
  return {
    startedAt: Number(one(found, "startedAt")),
    downSeconds: Number(one(found, "down")),
    running: one(found, "running") === "yes",
    detail: one(found, "detail"),
  };
}

/** The result of `move`: one report for each move, in their order. A move without an answer counts as not done. */
export function parseMoves(reply: string, moves: Move[]): MoveReport[] {
  const lines = values(reply).get("move") ?? [];
  return moves.map((move, index) => {
    const [ok, inode, salvaged, ...reason] = (lines[index] ?? "").split("\t");
    if (inode !== move.inode) {
      return { ok: false, inode: move.inode, reason: "the host did not report on it: is its disk full?", salvaged: 0 };
    }
    const report = { ok: ok === "yes", inode, salvaged: Number(salvaged) };
    return report.ok ? report : { ...report, reason: reason.join(" ") };
  });
}
