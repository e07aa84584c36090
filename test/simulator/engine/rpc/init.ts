import { statfsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { newDomain, newUser } from "../defaults.js";
import { isDirectory } from "../mailbox.js";
import { makePath } from "../make-path.js";
import { storePassword } from "../password-storage.js";
import { checkLoginName } from "./account-rules.js";
import { checkDomainName } from "./domain-row.js";
import { method, partly, type Call, type Handler, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { nothing } from "./schemas.js";
import { server } from "./server.js";
import { serverControl } from "./server-control.js";

/** The interface Init: needs no login, and answers only until the set-up is finished. */
export const init: Interface = Object.fromEntries(
  Object.entries({
    getHostname: method(nothing, (_, { engine }) => ({ hostname: engine.state.settings.hostname })),
    setHostname: method(z.object({ hostname: z.string() }), ({ hostname }, { engine }) => {
      engine.state.settings.hostname = hostname;
      return {};
    }),
    checkHostname: partly(
      "no name is looked up",
      method(nothing, () => ({})),
    ),
    checkMxRecord: partly(
      "no name is looked up",
      method(nothing, () => ({})),
    ),
    createPrimaryDomain: method(z.object({ domainName: z.string() }), ({ domainName }, { engine }) => {
      checkDomainName(engine, domainName);
      // What was made in the meantime belongs to the domain by its id, also after a change of mind about the name.
      const domain = engine.primaryDomain;
      if (domain) domain.name = domainName.toLowerCase();
      else engine.state.domains.push(newDomain(domainName, true));
      return {};
    }),
    createAdministratorAccount: method(
      z.object({ loginName: z.string(), password: z.string() }),
      ({ loginName, password }, { engine }) => {
        const domain = engine.primaryDomain;
        if (!domain) throw RpcError.failed("Create the primary domain first.");
        checkLoginName(engine, loginName);
        const user = newUser(domain.id, loginName, engine.state.policies[0]?.id ?? "");
        user.passwordStored = storePassword(password, true);
        user.role = { userRole: "FullAdmin", publicFolderRight: true, archiveFolderRight: true };
        engine.state.users = [user];
        return {};
      },
    ),
    getMessageStorePath: method(nothing, (_, { engine }) => {
      const disk = statfsSync(engine.programDir);
      return { path: engine.store, freeSpace: disk.bavail * disk.bsize };
    }),
    setMessageStorePath: method(z.object({ path: z.string() }), ({ path }, { engine }) => {
      if (!isAbsolute(path)) throw RpcError.failed("Path %1 is not valid.", path);
      makePath(join(path, "mail"));
      engine.state.settings.storePath = path;
      return {};
    }),
    checkMessageStorePath: partly(
      "looks whether the directory is there, not whether it suits",
      method(z.object({ path: z.string().optional() }), ({ path }, { engine }) => ({
        result: isDirectory(path ?? engine.store) ? "directoryExists" : "directoryDoesNotExist",
      })),
    ),
    getDirs: server["getDirs"] as Handler,
    setClientStatistics: serverControl["setClientStatistics"] as Handler,
    getEula: partly(
      "an empty text",
      method(nothing, () => ({ content: "" })),
    ),
    getProductInfo: server["getProductInfo"] as Handler,
    getNamedConstantList: server["getNamedConstantList"] as Handler,
    getBrowserLanguages: server["getBrowserLanguages"] as Handler,
    finish: method(nothing, (_, { engine }) => {
      if (engine.state.users.length === 0) throw RpcError.failed("There is no administrator yet.");
      engine.state.settings.setupFinished = true;
      engine.restart();
      return {};
    }),
  }).map(([name, handler]): [string, Handler] => [name, beforeSetup(handler)]),
);

function beforeSetup(handler: Handler): Handler {
  const guarded = async (params: unknown, call: Call) => {
    if (call.engine.state.settings.setupFinished) throw RpcError.denied();
    return handler(params, call);
  };
  return handler.gap === undefined ? guarded : partly(handler.gap, guarded);
}
