import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "../helpers/start-simulator";

/** Calls that change nothing on a mail server. */
const reading = /^(Session\.(login|logout|whoAmI)|\w+\.(get\w*|findEntityByEmail|pathExists|check))$/;

/** Everything about a mail host that a refused run must leave as it is. */
export interface Picture {
  accounts: string;
  aliases: string;
  directories: string;
  downtimes: number;
  startedAt: string | null;
  home: string[];
}

/** What a mail host looks like now. */
export async function pictureOf(simulator: Simulator, domain: string): Promise<Picture> {
  const { control, state } = simulator;
  const { accounts, aliases, engine } = await control.truth();
  const directories = (await control.directories(domain)).map(({ name, inode, messages }) => ({
    name,
    inode,
    messages,
  }));
  const home = join(state, "home");
  return {
    accounts: JSON.stringify(
      accounts.map(({ id, name, enabled, description }) => ({ id, name, enabled, description })),
    ),
    aliases: JSON.stringify(aliases),
    directories: JSON.stringify(directories),
    downtimes: (await control.downtimes()).length,
    startedAt: engine.startedAt,
    home: existsSync(home) ? readdirSync(home, { recursive: true }).map(String).sort() : [],
  };
}

/** The calls since a moment (a number of calls before it), and those of them that could have changed something. */
export async function callsSince(simulator: Simulator, before: number): Promise<{ all: string[]; writing: string[] }> {
  const all = (await simulator.control.calls()).slice(before).map(({ method }) => method);
  return { all, writing: all.filter((method) => !reading.test(method)) };
}
