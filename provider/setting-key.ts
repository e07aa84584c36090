/** The key of one setting of that server, as `pulumi config set` takes it. */
export function settingKey(key: string, server: string | undefined): string {
  if (!server) return `kerio:${key}`;
  return /^[A-Za-z_][\w-]*$/.test(server)
    ? `kerio:servers.${server}.${key}`
    : `kerio:servers[${JSON.stringify(server)}].${key}`;
}

/** The command that sets one setting of that server. Secrets have no value in it: they are asked for, not typed in sight. */
export function settingCommand(
  key: string,
  server: string | undefined,
  value: { secret: true } | { example: string },
): string {
  const path = server ? "--path " : "";
  const name = server ? `'${settingKey(key, server)}'` : settingKey(key, server);
  // What is typed at the prompt is one line.
  const file = key === "sshPrivateKey" ? " < FILE" : "";
  return "secret" in value
    ? `pulumi config set ${path}--secret ${name}${file}`
    : `pulumi config set ${path}${name} ${value.example}`;
}

/** What an error needs to know to name the environment beside the stack's configuration. */
export interface Given {
  /** The entry of `kerio:servers`; `""` or absent: none. */
  name?: string;
  /** By setting, the environment variable that may be set instead of it: see `variablesInUse`. */
  variables?: Readonly<Record<string, string>>;
}

/** `, or KERIO_PASSWORD` behind the command that sets it, where the environment is in use; else empty. */
export function orVariable(key: string, { name, variables }: Given): string {
  const variable = variables?.[name ? "servers" : key];
  return variable === undefined ? "" : `, or ${variable}`;
}
