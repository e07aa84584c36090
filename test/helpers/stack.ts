import { readFileSync } from "node:fs";
import { DynamicServer } from "./dynamic-server";
import type { Simulator } from "./start-simulator";

/** The stack configuration that reaches a stand-in. */
export function stackConfig(simulator: Simulator, options: { ssh?: boolean } = {}): Record<string, string> {
  const { adminUrl, caFile, admin, ssh } = simulator.info;
  const api = {
    "kerio:url": adminUrl,
    "kerio:username": admin.user,
    "kerio:password": admin.password,
    "kerio:caFile": caFile,
  };
  if (options.ssh === false) return api;
  return {
    ...api,
    "kerio:sshHost": ssh.host,
    "kerio:sshPort": String(ssh.port),
    "kerio:sshUser": ssh.user,
    "kerio:sshPrivateKey": readFileSync(ssh.privateKeyFile, "utf8"),
    "kerio:sshHostKey": ssh.hostKey,
  };
}

/** A plugin process of its own on a stand-in, as each `pulumi` command starts one. */
export function startPlugin(simulator: Simulator, options?: { ssh?: boolean }): Promise<DynamicServer> {
  return DynamicServer.start(stackConfig(simulator, options));
}
