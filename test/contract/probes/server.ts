import { outcomeOf } from "../api-client";
import { NotAsked, type Probe } from "../probe";
import { shown } from "./tools";

/** The server itself: version, time, directories, statistics. */
export const server: Probe[] = [
  {
    question: "May the login list directories?",
    fact: { source: "definition", says: "getDirs gives name and hasSubdirectory; who may call it is not said" },
    settles: "directory-access",
    async ask(world) {
      const fullPath = world.around.mailboxes?.replace(/\/mail\/[^/]*$/, "");
      if (fullPath === undefined) throw new NotAsked("the login may not ask where the store is");
      const { result, error } = await outcomeOf(world.api.call("Server.getDirs", { fullPath }));
      return {
        value: error ? "no" : "yes",
        seen: error ? `code ${error.code}` : `${result.dirList.length} directories`,
      };
    },
  },
  {
    question: "What does getVersion answer?",
    fact: { source: "seen1008", says: "product, version, major, minor, revision and build, directly in the result" },
    expects: "product “Kerio Connect”, version, major, minor, revision, build",
    async ask(world) {
      const answer = await world.api.call<Record<string, unknown>>("Server.getVersion");
      const missing = ["product", "version", "major", "minor", "revision", "build"].filter((each) => !(each in answer));
      const holds = missing.length === 0 && answer["product"] === "Kerio Connect";
      return { holds, seen: missing.length > 0 ? `without ${missing.join(", ")}` : shown(answer["product"]) };
    },
  },
  {
    question: "Does getServerTime tell when the server was started?",
    fact: { source: "definition", says: "info has timezoneOffset, startTime and currentTime" },
    expects: "startTime before currentTime, in seconds",
    async ask(world) {
      const { info } = await world.api.call("Server.getServerTime");
      const holds = info.startTime > 1e9 && info.startTime <= info.currentTime && info.currentTime < 1e11;
      return { holds, seen: holds ? "startTime before currentTime" : shown(info) };
    },
  },
  {
    question: "Are counters of Statistics texts?",
    fact: { source: "seen1008", says: "most counters are texts" },
    expects: "texts",
    async ask(world) {
      const { statistics } = await world.api.call<{ statistics: object }>("Statistics.get");
      const kinds = leavesOf(statistics).map((each) => typeof each);
      const texts = kinds.filter((each) => each === "string").length;
      return { holds: texts > kinds.length / 2, seen: `${texts} of ${kinds.length} values are texts` };
    },
  },
  {
    question: "Does AdvancedOptions tell where the store is?",
    fact: { source: "definition", says: "options.storeDirectory has storePath, archivePath and backupPath" },
    needs: ["full-admin"],
    expects: "an absolute path",
    async ask(world) {
      const { options } = await world.api.call("AdvancedOptions.get");
      const path = String(options.storeDirectory?.storePath);
      const holds = /^(\/|[A-Za-z]:\\)/.test(path);
      return { holds, seen: holds ? "an absolute path" : shown(path) };
    },
  },
];

function leavesOf(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}
