import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Engine } from "../engine.js";
import { logFile, logNames } from "../event-log.js";
import { method, partly, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

/** What is missing: the members are what scripts of administrators use, no public source lists them. */
const fromScripts = "no public source gives its members";

const logName = z.enum(logNames);

/** The interface Logs: what the engine writes into its logs, to read and to clear. */
export const logs: Interface = {
  getLogSet: partly(
    fromScripts,
    method(nothing, () => ({
      logSet: logNames.map((name) => ({ logName: name, fileName: `${name}.log`, highlight: false })),
    })),
  ),

  get: partly(
    fromScripts,
    method(
      z.object({ logName, fromLine: z.number().int().min(-1), countLines: z.number().int().min(-1) }),
      ({ logName: name, fromLine, countLines }, { engine }) => {
        const lines = linesOf(engine, name);
        const count = countLines < 0 ? lines.length : countLines;
        // -1 asks for the end of the log.
        const first = fromLine < 0 ? Math.max(0, lines.length - count) : fromLine;
        const shown = lines.slice(first, first + count);
        return { viewport: shown.map((content) => ({ content, highlight: "" })), totalItems: lines.length };
      },
    ),
  ),

  search: partly(
    fromScripts,
    method(
      z.object({
        logName,
        what: z.string(),
        fromLine: z.number().int().min(0),
        toLine: z.number().int(),
        forward: z.boolean(),
      }),
      ({ logName: name, what, fromLine, toLine, forward }, { engine }) => {
        const lines = linesOf(engine, name);
        const last = toLine < 0 ? lines.length - 1 : Math.min(toLine, lines.length - 1);
        const fits = (line: number) => lines[line]?.toLowerCase().includes(what.toLowerCase()) ?? false;
        const numbers = Array.from({ length: Math.max(0, last - fromLine + 1) }, (_, index) => fromLine + index);
        const found = (forward ? numbers : numbers.reverse()).find(fits);
        return { firstLine: found ?? -1, totalItems: lines.length };
      },
    ),
  ),

  clear: partly(
    fromScripts,
    method(z.object({ logName }), ({ logName: name }, { engine }) => {
      writeFileSync(logFile(engine, name), "", { mode: 0o600 });
      return {};
    }),
  ),

  exportLog: partly(
    "as plain text alone",
    method(z.looseObject({ logName }), ({ logName: name }, { engine }) => ({
      fileDownload: engine.downloads.add(`${name}.log`, `${linesOf(engine, name).join("\n")}\n`),
    })),
  ),
};

function linesOf(engine: Engine, name: z.infer<typeof logName>): string[] {
  const file = logFile(engine, name);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}
