import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import type { Engine } from "../engine.js";
import { isDirectory } from "../mailbox.js";
import { makePath } from "../make-path.js";
import { storePassword } from "../password-storage.js";
import { noUpdate } from "./advanced-options.js";
import { method, partly, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { nothing } from "./schemas.js";
import { productVersion } from "./version.js";

const remote = z.object({
  isEnabled: z.boolean().optional(),
  isLimited: z.boolean().optional(),
  groupId: z.string().optional(),
  groupName: z.string().optional(),
  builtInAdminEnabled: z.boolean().optional(),
  builtInAdminUsername: z.string().min(1).optional(),
  builtInAdminPassword: z.string().optional(),
});
const settingOnly = z.object({ setting: remote });

/** The methods of Server that change the server itself. */
export const serverControl: Interface = {
  getRemoteAdministration: method(nothing, (_, { engine }) => ({
    setting: {
      isEnabled: true,
      isLimited: false,
      groupId: "",
      groupName: "",
      ...engine.state.settings.remoteAdministration,
      builtInAdminEnabled: engine.state.admin.isEnabled,
      builtInAdminUsername: engine.state.admin.userName,
      builtInAdminPassword: "",
      builtInAdminPasswordIsEmpty: engine.state.admin.passwordStored === "NUL:",
      builtInAdminUsernameCollide: collides(engine, engine.state.admin.userName),
    },
  })),

  setRemoteAdministration: partly(
    "the built-in administrator is changed; nobody is shut out by address",
    method(settingOnly, ({ setting }, call) => {
      const { engine } = call;
      checkRemote(engine, setting, call.caller === undefined);
      const { builtInAdminEnabled, builtInAdminUsername, builtInAdminPassword, ...kept } = setting;
      const { admin, settings } = engine.state;
      admin.isEnabled = builtInAdminEnabled ?? admin.isEnabled;
      admin.userName = builtInAdminUsername ?? admin.userName;
      // The password is never given back, so a settings form that comes back whole has an empty one.
      if (builtInAdminPassword) admin.passwordStored = storePassword(builtInAdminPassword, true);
      settings.remoteAdministration = { ...settings.remoteAdministration, ...kept };
      return {};
    }),
  ),

  validateRemoteAdministration: method(settingOnly, ({ setting }, call) => {
    checkRemote(call.engine, setting, call.caller === undefined);
    return {};
  }),

  createPath: method(z.object({ path: z.string() }), ({ path }) => {
    if (!isAbsolute(path)) return { result: "directoryDoesNotExist" };
    try {
      makePath(path);
      return { result: isDirectory(resolve(path)) ? "directoryExists" : "directoryUnaccessible" };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return { result: code === "EACCES" || code === "EROFS" ? "directoryExistAccessDenied" : "directoryUnaccessible" };
    }
  }),

  setClientStatistics: method(z.object({ isEnabled: z.boolean() }), ({ isEnabled }, { engine }) => {
    engine.state.settings.options["clientStatistics"] = isEnabled;
    return {};
  }),
  getClientStatistics: method(nothing, (_, { engine }) => ({
    isEnabled: engine.state.settings.options["clientStatistics"] === true,
  })),

  uploadLicense: partly(
    "no file is a licence here: every one is refused",
    method(z.object({ fileId: z.string() }), ({ fileId }, { engine }) => {
      if (!engine.uploads.has(fileId)) throw RpcError.missing(fileId);
      throw RpcError.failed("File %1 is not a valid license.", fileId);
    }),
  ),

  generateSupportInfo: partly(
    "version and counts of rows",
    method(nothing, (_, { engine }) => {
      const { state } = engine;
      const counts = { domains: state.domains.length, users: state.users.length, aliases: state.aliases.length };
      const text = JSON.stringify({ ...productVersion, ...counts }, undefined, 2);
      return { fileDownload: engine.downloads.add("support.txt", text) };
    }),
  ),

  sendBugReport: partly(
    "goes nowhere",
    method(z.looseObject({}), () => ({})),
  ),

  upgrade: partly(
    "there is never anything to upgrade to",
    method(nothing, () => {
      throw RpcError.failed("%1", `No update is available (${noUpdate.result}).`);
    }),
  ),

  reboot: partly(
    "restarts the mail server, not the machine",
    method(nothing, (_, { engine }) => {
      engine.restart();
      return {};
    }),
  ),
};

function checkRemote(engine: Engine, setting: z.infer<typeof remote>, isBuiltIn: boolean): void {
  if (setting.builtInAdminEnabled === false && isBuiltIn) throw RpcError.denied();
  const name = setting.builtInAdminUsername;
  if (name !== undefined && name !== engine.state.admin.userName && collides(engine, name)) throw RpcError.exists(name);
}

function collides(engine: Engine, name: string): boolean {
  const lower = name.toLowerCase();
  return engine.state.users.some(
    (user) => user.domainId === engine.primaryDomain?.id && user.loginName.toLowerCase() === lower,
  );
}
