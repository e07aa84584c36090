import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { DynamicServer } from "../helpers/dynamic-server";
import { stackConfig } from "../helpers/stack";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import type { Row, TrueAccount } from "../simulator/host/control-types";

/** What the tests of a file may choose. */
export interface PluginStageOptions {
  /** Whether the stack has SSH settings; the default is true. */
  ssh?: boolean;
  /** Whether the domain's directory is there, as on a server that has had mail; the default is false. */
  hasHadMail?: boolean;
}

/** One stand-in for all tests of a file, and a plugin process for each of them. */
export interface PluginStage {
  readonly domain: string;
  /** There once the tests run, as is the server's id of the domain. */
  readonly simulator: Simulator;
  readonly domainId: string;
  /** The process of this run; {@link nextRun} puts another one in its place. */
  readonly plugin: DynamicServer;
  /** Starts a fresh process, as the next `pulumi` command would; `config` goes over the stack's. */
  nextRun(config?: Record<string, string>): Promise<void>;
  /** The names of all accounts, by the server's truth; so are the look-ups below. */
  names(): Promise<string[]>;
  account(name: string): Promise<TrueAccount | undefined>;
  /** All aliases of one name, which a server may have twice. */
  aliases(name: string): Promise<Row[]>;
}

/** Starts and stops both around the tests of the file that calls it. */
export function pluginStage({ ssh = true, hasHadMail = false }: PluginStageOptions = {}): PluginStage {
  const domain = "example.com";
  let simulator: Simulator;
  let domainId: string;
  let plugin: DynamicServer;
  const truth = () => simulator.control.truth();
  const startPlugin = async (config: Record<string, string> = {}): Promise<void> => {
    plugin = await DynamicServer.start({ ...stackConfig(simulator, { ssh }), ...config });
  };

  beforeAll(async () => {
    simulator = await startSimulator();
    if (hasHadMail) mkdirSync(join(simulator.info.store, "mail", domain), { recursive: true });
    domainId = (await truth()).domains[0]?.id ?? "";
  });
  afterAll(() => simulator?.stop());
  beforeEach(() => startPlugin());
  afterEach(() => plugin?.stop());

  return {
    domain,
    get simulator() {
      return simulator;
    },
    get domainId() {
      return domainId;
    },
    get plugin() {
      return plugin;
    },
    async nextRun(config) {
      await plugin.stop();
      await startPlugin(config);
    },
    names: async () => (await truth()).accounts.map((account) => account.name),
    account: async (name) => (await truth()).accounts.find((account) => account.name === name),
    aliases: async (name) => (await truth()).aliases.filter((alias) => alias["name"] === name),
  };
}
