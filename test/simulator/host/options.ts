import { realpathSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Switches } from "./host-switches";

/** What a new stand-in holds: nothing but the administrator, some people and their mail, or not even a set-up. */
export const seeds = ["empty", "demo", "first-run"] as const;
export type Seed = (typeof seeds)[number];

/** The command line, checked. A port of 0 means: the one of the last run, or any free one. */
export interface Options {
  dir: string;
  adminPort: number;
  sshPort: number;
  smtpPort: number;
  submissionPort: number;
  imapPort: number;
  seed: Seed | undefined;
  switches: Switches;
  json: boolean;
}

export const usage =
  "usage: simulator --state DIR [--admin-port 0] [--ssh-port 0] [--smtp-port 0] " +
  "[--submission-port 0] [--imap-port 0] " +
  `[--seed ${seeds.join("|")}] [--switch name=value …] [--json]`;

/** Reads the command line and makes DIR. Throws an error whose message says what is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      state: { type: "string" },
      "admin-port": { type: "string", default: "0" },
      "ssh-port": { type: "string", default: "0" },
      "smtp-port": { type: "string", default: "0" },
      "submission-port": { type: "string", default: "0" },
      "imap-port": { type: "string", default: "0" },
      seed: { type: "string" },
      switch: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.state) throw new Error("--state DIR is missing");
  const dir = resolve(values.state);
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  return {
    dir: realpathSync(dir),
    adminPort: portOf("--admin-port", values["admin-port"]),
    sshPort: portOf("--ssh-port", values["ssh-port"]),
    smtpPort: portOf("--smtp-port", values["smtp-port"]),
    submissionPort: portOf("--submission-port", values["submission-port"]),
    imapPort: portOf("--imap-port", values["imap-port"]),
    seed: seedOf(values.seed),
    switches: Object.fromEntries(values.switch.map(pairOf)),
    json: values.json,
  };
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`${name}: "${text}" is not a port number`);
  return port;
}

function seedOf(text: string | undefined): Seed | undefined {
  if (text === undefined) return undefined;
  const seed = seeds.find((known) => known === text);
  if (!seed) throw new Error(`--seed: "${text}" is none of ${seeds.join(", ")}`);
  return seed;
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new Error(`--switch: "${text}" is not of the form name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
