import { z } from "zod";
import type { Timeouts } from "./config";
import { memberProblem, problemWith, type Problem } from "./config-problem";

/** Settings of one server as they were found: texts by key. */
export type RawSettings = Record<string, string | undefined>;

/**
 * `request`: a list of thousands of accounts takes a while, an unknown method hangs. `connect`: longer than a lost
 * packet or two. `stop`, `start`: a large store is closed and checked for minutes. `supervisor`: longer than a laptop's
 * change of network, shorter than people wait for their mail.
 */
export const defaultTimeouts: Readonly<Timeouts> = { request: 60, connect: 15, stop: 300, start: 300, supervisor: 60 };

const text = z.string().trim().min(1, "is empty");
const secret = z.string().min(1, "is empty");
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "is not a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`);
const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `is none of ${values.join(", ")}`);

const seconds = z.number("is not a number of seconds").positive("is not more than 0").max(86_400, "is more than a day");

const timeoutsSchema = z
  .strictObject({ request: seconds, connect: seconds, stop: seconds, start: seconds, supervisor: seconds })
  .partial();

const timeouts = z.string().transform((value, context): Timeouts => {
  const parsed = timeoutsSchema.safeParse(jsonOf(value));
  if (parsed.success) return { ...defaultTimeouts, ...defined(parsed.data) };
  for (const issue of parsed.error.issues) {
    const known = `the names are ${Object.keys(defaultTimeouts).join(", ")}`;
    const message =
      issue.code === "unrecognized_keys"
        ? `has no ${issue.keys.join(", ")}: ${known}`
        : issue.path.length > 0
          ? issue.message
          : `is not an object of seconds by name: ${known}`;
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
    context.addIssue({ code: "custom", message, path: [...issue.path, ...unknown.slice(0, 1)] });
  }
  return z.NEVER;
});

const url = text.transform((value, context) => {
  const complain = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  if (/^http:/i.test(value)) return complain("begins with http: the password would travel in clear text; use https");
  if (!/^https:\/\//i.test(value) || !URL.canParse(value))
    return complain("is not an address that begins with https://");
  const parsed = new URL(value);
  if (parsed.username || parsed.password)
    return complain("holds a user name or password; these have settings of their own");
  if (!/^\/(admin\/?)?$/.test(parsed.pathname) || parsed.search || parsed.hash) {
    return complain("has something behind the host and port");
  }
  // URL drops the port 443 because it is the scheme's own; here it is a choice, and 4040 the default.
  const standardPort = /^https:\/\/[^/]*:443(\/|$)/i.test(value);
  return `https://${parsed.hostname}:${parsed.port || (standardPort ? "443" : "4040")}`;
});

/** Every setting, once: its form and its message. */
export const settingFields = {
  url,
  username: text,
  password: secret,
  caFile: text,
  sshHost: text.regex(/^[^\s/@]+$/, "is not a host name or address"),
  sshPort: wholeNumber(1, 65_535),
  sshUser: text.regex(/^[^\s@-][^\s@]*$/, "is not a user name"),
  sshPrivateKeyFile: text,
  sshPrivateKey: secret,
  sshPassphrase: secret,
  sshHostKey: text,
  timeouts,
  renameOrder: choice(["accountFirst", "article"]),
  stopCommand: text,
  startCommand: text,
  statusCommand: text,
  programDirectory: text
    .regex(/^\/[^\0\r\n]*$/, "is not an absolute path")
    .transform((path) => path.replace(/(?<=.)\/+$/, "")),
  backup: choice(["none", "full"]),
  configurationCopyDays: wholeNumber(0, 3_650),
} as const;

/** The name of a setting, without `kerio:`. */
export type SettingName = keyof typeof settingFields;

/** The settings that are refused in clear text. */
export const secretSettings = ["password", "sshPrivateKey", "sshPassphrase"] as const satisfies readonly SettingName[];

const required: readonly SettingName[] = ["url", "username", "password"];

/** The settings in their final form; a setting is undefined when it is not set or wrong. */
export type Fields = { [Name in SettingName]?: z.output<(typeof settingFields)[Name]> };

/** Checks each setting by itself, so that all problems are found at once. */
export function readFields(raw: RawSettings, server: string, problems: Problem[]): Fields {
  const fields: Record<string, unknown> = { timeouts: { ...defaultTimeouts } };
  for (const [name, schema] of Object.entries(settingFields)) {
    const value = raw[name];
    if (value === undefined) {
      if (required.some((key) => key === name)) problems.push(problemWith(name, server, "is not set"));
      continue;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) fields[name] = parsed.data;
    else
      for (const { message, path } of parsed.error.issues) {
        const [member] = path.map(String);
        const example =
          member === undefined ? undefined : Object.entries(defaultTimeouts).find(([key]) => key === member);
        problems.push(
          member === undefined
            ? problemWith(name, server, message)
            : memberProblem(name, member, server, message, example && String(example[1])),
        );
      }
  }
  return fields as Fields;
}

function jsonOf(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
