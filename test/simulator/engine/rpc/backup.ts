import { z } from "zod";
import { backupSets, runBackup } from "../backup-run.js";
import type { Engine } from "../engine.js";
import { search, searchQuery } from "../search-query.js";
import { inUnits } from "../units.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { byteValue, nothing } from "./schemas.js";
import { since } from "./statistics.js";

const backupType = z.enum(["backupTypeFull", "backupTypeDifferential", "backupTypeMirror"]);

const optionsPattern = z.object({
  paths: z.object({ backupPath: z.string().min(1).optional() }).optional(),
  isEnabled: z.boolean().optional(),
  splitSizeLimit: byteValue.optional(),
  rotationLimit: z.number().int().min(1).optional(),
  networkDiskUserName: z.string().optional(),
  networkDiskPassword: z.string().optional(),
  notificationEmailAddress: z.string().optional(),
});

const schedule = z.looseObject({ isEnabled: z.boolean().default(true), type: backupType });

/** The interface Backup. */
export const backup: Interface = {
  get: method(nothing, (_, { engine }) => {
    const { backupEnabled, backup: kept } = engine.state.settings;
    return {
      options: {
        paths: { backupPath: engine.backupPath },
        isEnabled: backupEnabled,
        status: statusOf(engine),
        splitSizeLimit: { ...kept.splitSizeLimit },
        rotationLimit: kept.rotationLimit,
        networkDiskUserName: kept.networkDiskUserName,
        networkDiskPassword: "",
        notificationEmailAddress: kept.notificationEmailAddress,
      },
    };
  }),

  set: partly(
    "no network disk is mounted, nobody is notified",
    method(z.object({ options: optionsPattern }), ({ options }, { engine }) => {
      const { settings } = engine.state;
      settings.backupPath = options.paths?.backupPath?.replace(/(?<=.)\/+$/, "") ?? settings.backupPath;
      settings.backupEnabled = options.isEnabled ?? settings.backupEnabled;
      const { splitSizeLimit, rotationLimit, networkDiskUserName, notificationEmailAddress } = options;
      const given = { splitSizeLimit, rotationLimit, networkDiskUserName, notificationEmailAddress };
      Object.assign(
        settings.backup,
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      );
      return {};
    }),
  ),

  getStatus: method(nothing, (_, { engine }) => ({ status: statusOf(engine) })),

  start: method(z.object({ backupType }), ({ backupType: type }, { engine }) => {
    if (!engine.state.settings.backupEnabled) throw RpcError.failed("Backup is not enabled.");
    if (engine.backup.inProgress) {
      if (engine.switches.of("second-backup") === "ignored") return {};
      throw RpcError.failed("Backup is already in progress.");
    }
    Object.assign(engine.backup, { inProgress: true, percents: 0, startedAt: Date.now(), size: 0 });
    void runBackup(engine, type);
    return {};
  }),

  getScheduleList: method(z.object({ query: searchQuery }), ({ query }, { engine }) => {
    const { switches } = engine;
    const { list } = search(structuredClone(engine.state.settings.backup.schedule), query, { switches });
    return { scheduleList: list };
  }),

  setScheduleList: partly(
    "kept; nothing is started by the clock",
    method(z.object({ scheduleList: z.array(schedule) }), ({ scheduleList }, { engine }) => {
      engine.state.settings.backup.schedule = scheduleList;
      return {};
    }),
  ),
};

function statusOf(engine: Engine): object {
  const { inProgress, percents, last, startedAt, finishedAt } = engine.backup;
  const sets = backupSets(engine).filter((set) => !inProgress || set.created * 1000 < startedAt - 1000);
  const lastOf = (letter: string) => {
    const set = sets.find((each) => each.letter === letter);
    return { isCreated: set !== undefined, created: set?.created ?? 0, size: inUnits(set?.size ?? 0) };
  };
  const elapsed = (inProgress ? Date.now() : finishedAt) - startedAt;
  const remaining = inProgress && percents > 0 ? (elapsed * (100 - percents)) / percents : 0;
  return {
    backupInProgress: inProgress,
    percents,
    lastBackupStatus: last,
    elapsedTime: since(0, elapsed),
    remainingTime: since(0, remaining),
    lastFull: lastOf("F"),
    lastDifferential: lastOf("D"),
    lastMirror: lastOf("C"),
  };
}
