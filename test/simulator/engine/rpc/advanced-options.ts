import { existsSync, statfsSync, statSync } from "node:fs";
import { z } from "zod";
import type { Engine } from "../engine.js";
import { inUnits } from "../units.js";
import { method, partly, type Interface } from "./method.js";
import { changed, patternOf, type Members } from "./pattern.js";
import { RpcError } from "./rpc-error.js";
import { byteUnits, nothing } from "./schemas.js";

/** The options of a fresh installation that the engine only keeps; paths and sessions are its own. */
const standard = {
  miscellaneous: { logHostNames: false, showProgramNameAndVersion: true, insertXEnvelopeTo: false },
  masterAuthentication: { isEnabled: false, groupRestriction: { id: "", name: "" }, password: "" },
  httpProxy: { isEnabled: false, address: "", port: 3128, requiresAuthentication: false, userName: "", password: "" },
  updateChecker: { autoCheck: true, checkBetaVersion: false },
  userQuota: { warningLimit: 90, email: "", blocks: false },
  fulltext: { isEnabled: true, path: "" },
  koffOptions: { updateAutomatically: true },
  operatorOptions: { isEnabled: false, addressList: [] as string[] },
};

const unitMinutes = { Minutes: 1, Hours: 60, Days: 1440, Weeks: 10_080 };
const timeLimit = z.object({
  value: z.number().int().min(1),
  units: z.enum(["Minutes", "Hours", "Days", "Weeks"]),
});
type TimeLimit = z.infer<typeof timeLimit>;
const watchdog = patternOf({ value: 0, units: "" }, { units: byteUnits });

const optionsPattern = z.intersection(
  patternOf(standard),
  z.object({
    storeDirectory: z
      .object({
        storePath: z.string().min(1).optional(),
        archivePath: z.string().optional(),
        backupPath: z.string().optional(),
        watchdogSoftLimit: watchdog.optional(),
        watchdogHardLimit: watchdog.optional(),
      })
      .optional(),
    webMail: z
      .object({
        sessionExpireTimeout: timeLimit.optional(),
        maximumSessionDuration: timeLimit.optional(),
        forceLogout: z.boolean().optional(),
      })
      .optional(),
  }),
);

type OptionsPattern = z.infer<typeof optionsPattern>;

/** The interface AdvancedOptions. The store path ends with a slash, as a live server was seen to give it. */
export const advancedOptions: Interface = {
  get: method(nothing, (_, { engine }) => ({ options: optionsOf(engine) })),

  set: partly(
    "sessions and paths count, another store path from the next start on; the rest is kept",
    method(z.object({ options: optionsPattern }), ({ options }, { engine }) => {
      setPaths(engine, options.storeDirectory ?? {});
      setSessions(engine, options.webMail ?? {});
      const kept = Object.entries(options).filter(([name]) => name in standard);
      engine.state.settings.options = changed(engine.state.settings.options, Object.fromEntries(kept));
      return {};
    }),
  ),

  getFulltextStatus: partly(
    "there is no index: it has no size, and nothing is ever being rebuilt",
    method(nothing, (_, { engine }) => {
      const disk = statfsSync(engine.programDir);
      return {
        info: {
          status: "IndexRebuildStatusNone",
          usersLeft: 0,
          messagesLeft: 0,
          size: { value: 0, units: "Bytes" },
          freeSpace: inUnits(disk.bavail * disk.bsize),
        },
      };
    }),
  ),

  startRebuildFulltext: partly(
    "checked, then done at once: there is no index",
    method(
      z.object({ parameters: z.object({ scope: z.enum(["IndexAll", "IndexDomain", "IndexUser"]), id: z.string() }) }),
      ({ parameters: { scope, id } }, { engine }) => {
        if (scope === "IndexUser" && !engine.user(id)) throw RpcError.missing(id);
        if (scope === "IndexDomain" && !engine.domain(id)) throw RpcError.missing(id);
        return {};
      },
    ),
  ),

  checkUpdates: partly(
    "never finds one",
    method(nothing, () => ({ updateInfo: noUpdate })),
  ),
};

/** What a server says that has no newer version to offer. */
export const noUpdate = { result: "UpdateStatusNotAvailable", description: "", downloadUrl: "", infoUrl: "" };

function optionsOf(engine: Engine): Members {
  const { settings } = engine.state;
  const minutes = (value: number, given?: TimeLimit) =>
    given && given.value * unitMinutes[given.units] === value
      ? given
      : value % 1440 === 0
        ? { value: value / 1440, units: "Days" }
        : value % 60 === 0
          ? { value: value / 60, units: "Hours" }
          : { value, units: "Minutes" };
  const kept = changed(standard as Members, settings.options);
  const secret = (name: "masterAuthentication" | "httpProxy") => ({ ...(kept[name] as object), password: "" });
  const limits = settings.options["watchdog"] as Members | undefined;
  const given = settings.options["sessions"] as Partial<Record<"idle" | "whole", TimeLimit>> | undefined;
  return {
    ...changed(standard as Members, Object.fromEntries(Object.entries(kept).filter(([name]) => name in standard))),
    masterAuthentication: secret("masterAuthentication"),
    httpProxy: secret("httpProxy"),
    storeDirectory: {
      storePath: `${engine.store}/`,
      archivePath: `${engine.archivePath}/`,
      backupPath: `${engine.backupPath}/`,
      watchdogSoftLimit: { value: 500, units: "MegaBytes" },
      watchdogHardLimit: { value: 50, units: "MegaBytes" },
      ...limits,
    },
    webMail: {
      sessionExpireTimeout: minutes(engine.sessionLimits.sessionIdleMinutes, given?.idle),
      maximumSessionDuration: minutes(engine.sessionLimits.sessionMaxMinutes, given?.whole),
      forceLogout: settings.sessionForceLogout,
    },
  };
}

function setPaths(engine: Engine, given: NonNullable<OptionsPattern["storeDirectory"]>): void {
  const { settings } = engine.state;
  const bare = (path: string) => path.replace(/(?<=.)\/+$/, "");
  const store = given.storePath === undefined ? engine.store : bare(given.storePath);
  if (store !== engine.store) {
    if (!existsSync(store) || !statSync(store).isDirectory()) throw RpcError.failed("Path %1 does not exist.", store);
    engine.atStop(() => (settings.storePath = store));
  }
  if (given.backupPath !== undefined) settings.backupPath = bare(given.backupPath);
  if (given.archivePath !== undefined) settings.archivePath = bare(given.archivePath);
  const { watchdogSoftLimit, watchdogHardLimit } = given;
  settings.options = changed(settings.options, { watchdog: { watchdogSoftLimit, watchdogHardLimit } });
}

function setSessions(engine: Engine, given: NonNullable<OptionsPattern["webMail"]>): void {
  const { settings } = engine.state;
  const { sessionExpireTimeout: idle, maximumSessionDuration: whole, forceLogout } = given;
  if (idle) settings.sessionIdleMinutes = idle.value * unitMinutes[idle.units];
  if (whole) settings.sessionMaxMinutes = whole.value * unitMinutes[whole.units];
  settings.sessionForceLogout = forceLogout ?? settings.sessionForceLogout;
  // Two weeks come back as such, and not as fourteen days.
  settings.options = changed(settings.options, { sessions: { idle, whole } });
}
