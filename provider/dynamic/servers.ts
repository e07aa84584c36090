import { readSettings, type ServerSettings } from "../config";
import { KerioClient } from "../kerio/client";
import type { Logger } from "../log";
import { Coordinator } from "../rename/coordinator";
import { Inventory } from "../rename/inventory";
import type { MailServer } from "../rename/mail-server";
import type { RunHooks } from "../rename/run-context";
import type { EngineWatch } from "./engine-watch";
import type { Memory } from "./memory";

/** One mail server with the door through which its users come into being. */
export interface Server extends MailServer {
  /** Name in the stack's configuration; "" is the default server. */
  readonly name: string;
  readonly coordinator: Coordinator;
}

/** Where settings come from: the stack's configuration, the environment, the program's directory. */
export interface SettingsSource {
  get(key: string): string | undefined;
  env: NodeJS.ProcessEnv;
  directory: string;
}

/** The servers of one plugin process, each made when it is first asked for. Making one opens no connection. */
export class Servers {
  private readonly known = new Map<string, Server>();

  constructor(
    private readonly source: SettingsSource,
    private readonly memory: Memory,
    private readonly log: Logger,
    private readonly engine: EngineWatch,
    private readonly hooks?: RunHooks,
  ) {}

  /** @throws KerioError `CONFIG_INVALID` naming every wrong setting */
  get(name = ""): Server {
    const known = this.known.get(name);
    if (known) return known;
    const settings = readSettings(name === "" ? this.source : { ...this.source, server: name });
    const server = this.make(name, settings);
    this.known.set(name, server);
    return server;
  }

  /** Tells every coordinator that a call has reached the plugin. */
  noticeCall(): void {
    for (const server of this.known.values()) server.coordinator.noticeCall();
  }

  private make(name: string, settings: ServerSettings): Server {
    const client = new KerioClient(settings.api, { log: this.log });
    const { engine, hooks, log } = this;
    const mailServer: MailServer = {
      settings,
      client,
      inventory: new Inventory(client),
      log,
      get caller() {
        return engine.stack === undefined ? "" : `stack ${engine.stack}`;
      },
    };
    const isDeclared = (domain: string, user: string) =>
      this.memory.isDeclared({ kind: "user", server: name, domain, name: user });
    const isInState = (userId: string) => this.memory.hasHeardOf(userId);
    const isAliasLeaving = (aliasId: string) => this.memory.isAliasLeaving(aliasId);
    const isAbandoned = () => this.engine.isGone();
    const options = { isDeclared, isInState, isAliasLeaving, isAbandoned, ...(hooks && { hooks }) };
    return { ...mailServer, name, coordinator: new Coordinator(mailServer, options) };
  }
}
