import { orVariable, settingCommand, settingKey } from "./setting-key";

/** One thing that is wrong with the settings. Never holds the value of a secret. */
export interface Problem {
  /** The whole key; left out where the problem is about several. */
  key?: string;
  /** What is wrong, without a full stop. */
  text: string;
  /** The command that puts it right. */
  command?: string;
}

/** What the commands show in the place of a value; the keys that are missing here are secrets. */
export const examples: Readonly<Record<string, string>> = {
  url: "https://mail.example.com:4040",
  username: "Admin",
  caFile: "ca.pem",
  sshHost: "mail.example.com",
  sshPort: "22",
  sshUser: "root",
  sshPrivateKeyFile: "~/.ssh/id_ed25519",
  sshHostKey: "'ssh-ed25519 AAAA…'",
  timeouts: `'{"request":60}'`,
  renameOrder: "accountFirst",
  stopCommand: "'…'",
  startCommand: "'…'",
  statusCommand: "'…'",
  programDirectory: "/opt/kerio/mailserver",
  backup: "none",
  configurationCopyDays: "30",
};

/** A problem with one setting of that server, with the command that sets it. */
export function problemWith(key: string, server: string, text: string): Problem {
  const example = examples[key];
  return {
    key: settingKey(key, server),
    text,
    command: settingCommand(key, server, example === undefined ? { secret: true } : { example }),
  };
}

/** The command that takes one setting of that server away. */
export function removalCommand(key: string, server: string): string {
  return server
    ? `pulumi config rm --path '${settingKey(key, server)}'`
    : `pulumi config rm ${settingKey(key, server)}`;
}

/** A problem with one member of a setting that is an object; without an example, the member is to be taken away. */
export function memberProblem(key: string, member: string, server: string, text: string, example?: string): Problem {
  const path = `'${settingKey(`${key}.${member}`, server)}'`;
  const command =
    example === undefined ? `pulumi config rm --path ${path}` : `pulumi config set --path ${path} ${example}`;
  return { key: settingKey(example === undefined ? key : `${key}.${member}`, server), text, command };
}

/** The problem with the environment variable that its setting may come from, where that is worth naming. */
export function withVariable(problem: Problem, variables: Readonly<Record<string, string>> | undefined): Problem {
  const setting = /^kerio:(\w+)/.exec(problem.key ?? "")?.[1];
  if (setting === undefined || !variables || !problem.command?.includes("pulumi config")) return problem;
  return { ...problem, command: `${problem.command}${orVariable(setting, { variables })}` };
}

/** One problem as a line. */
export function problemText(problem: Problem | undefined): string {
  if (!problem) return "";
  return `${problem.key ? `${problem.key} ` : ""}${problem.text}${problem.command ? ` (${problem.command})` : ""}`;
}
