import { utils } from "ssh2";
import type { MailHost, SshSettings } from "./config";
import { readSettingFile, type Place } from "./config-files";
import type { Fields, RawSettings } from "./config-fields";
import { problemWith, removalCommand, type Problem } from "./config-problem";

/** Any of these says that this server is meant to be reached by SSH. */
const intent = ["sshHostKey", "sshPrivateKeyFile", "sshPrivateKey", "sshPassphrase"] as const;

/** These say where, or as whom; an agent may run for anything. A rename begins with them, and nothing else does. */
const hints = ["sshHost", "sshPort", "sshUser"] as const;

/** How the mail host is reached: `ssh` when SSH is configured, `mailHost` when there is no more than a beginning of it. */
export interface Reach {
  ssh?: SshSettings;
  mailHost?: MailHost;
}

/** The SSH settings; empty when there are none, or with problems noted. */
export function readSsh(raw: RawSettings, fields: Fields, place: Place): Reach {
  const isSet = (name: keyof Fields) => raw[name] !== undefined;
  const { name, env, variables } = place;
  const host = fields.sshHost ?? (fields.url && new URL(fields.url).hostname.replace(/^\[(.*)\]$/, "$1"));
  const where = {
    ...(fields.sshHost === undefined && { isHostOfUrl: true as const }),
    port: fields.sshPort ?? 22,
    user: fields.sshUser ?? "root",
    ...(name && { name }),
    ...(variables && { variables }),
  };
  if (!intent.some(isSet)) {
    const hasAgent = Boolean(env.SSH_AUTH_SOCK);
    return host && (hasAgent || hints.some(isSet)) ? { mailHost: { host, ...where, hasLogin: hasAgent } } : {};
  }
  const auth = readAuth(raw, fields, place);
  const hostKey = readHostKey(fields.sshHostKey, place);
  return auth && hostKey !== undefined && host ? { ssh: { host, ...where, auth, hostKey } } : {};
}

function readAuth(raw: RawSettings, fields: Fields, place: Place): SshSettings["auth"] | undefined {
  const { name, problems, env } = place;
  if (raw.sshPrivateKeyFile !== undefined && raw.sshPrivateKey !== undefined) {
    const text = "and sshPrivateKey are both set; take one of them away";
    const command = removalCommand("sshPrivateKeyFile", name);
    problems.push({ ...problemWith("sshPrivateKeyFile", name, text), command });
    return undefined;
  }
  const setting = raw.sshPrivateKeyFile !== undefined ? "sshPrivateKeyFile" : "sshPrivateKey";
  if (raw[setting] !== undefined) {
    const privateKey = fields.sshPrivateKeyFile
      ? readSettingFile("sshPrivateKeyFile", fields.sshPrivateKeyFile, place)
      : fields.sshPrivateKey;
    if (privateKey === undefined) return undefined;
    const problem = keyProblem(privateKey, fields.sshPassphrase);
    if (problem) problems.push(problemOf(problem, setting, name));
    return problem
      ? undefined
      : { kind: "key", privateKey, ...(fields.sshPassphrase && { passphrase: fields.sshPassphrase }) };
  }
  if (raw.sshPassphrase !== undefined) {
    problems.push(problemWith("sshPrivateKeyFile", name, "is not set, but sshPassphrase is"));
    return undefined;
  }
  if (env.SSH_AUTH_SOCK) return { kind: "agent", socket: env.SSH_AUTH_SOCK };
  const text = "is not set, nor is sshPrivateKey, and no SSH agent is running (SSH_AUTH_SOCK)";
  problems.push(problemWith("sshPrivateKeyFile", name, text));
  return undefined;
}

/** What is wrong with a private key. */
interface KeyProblem {
  /** The setting that is to blame, where it is not the key's own. */
  setting?: string;
  text: string;
  /** A command for the file of the key. */
  cure?: string;
}

function problemOf({ setting, text, cure }: KeyProblem, own: string, server: string): Problem {
  const problem = problemWith(setting ?? own, server, text);
  if (cure === undefined) return problem;
  // A file that a setting names is read again; a key that is a setting has to be set again.
  return { ...problem, command: own === "sshPrivateKeyFile" ? cure : `${cure} && ${problem.command}` };
}

/** Never quotes the key, nor the parser, which may. */
function keyProblem(key: string, passphrase: string | undefined): KeyProblem | undefined {
  const parsed = utils.parseKey(key, passphrase);
  if (!(parsed instanceof Error)) {
    return parsed.isPrivateKey() ? undefined : { text: "is a public key; the private one is needed" };
  }
  if (/^\s*-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(key)) {
    // OpenSSH before 9.6 reads every kind of key in this form but that one.
    const text =
      "is in PKCS#8 form, which cannot be used; rewrite its file in OpenSSH form, an Ed25519 key with OpenSSH 9.6 or later";
    return { text, cure: "ssh-keygen -p -f FILE" };
  }
  const why = parsed.message;
  if (/no passphrase/i.test(why))
    return { setting: "sshPassphrase", text: "is not set, but the private key is encrypted" };
  if (passphrase !== undefined && /passphrase|integrity|bad decrypt|decrypt/i.test(why)) {
    return { setting: "sshPassphrase", text: "does not fit the private key" };
  }
  return { text: "is not a private key in OpenSSH or PEM form" };
}

/** The host key in the one form the SSH session compares with; empty when not set. */
function readHostKey(value: string | undefined, place: Place): string | undefined {
  if (value === undefined) return "";
  const fingerprint = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(value);
  if (fingerprint) return `SHA256:${fingerprint[1]}`;
  // A line of `known_hosts` or `ssh-keyscan` has host names in front of the key, one of `.pub` a comment behind it.
  const line = /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(value);
  if (line && !(utils.parseKey(`${line[1]} ${line[2]}`) instanceof Error)) return `${line[1]} ${line[2]}`;
  const text = "is neither an OpenSSH public key (ssh-ed25519 AAAA…) nor a SHA256: fingerprint";
  place.problems.push(problemWith("sshHostKey", place.name, text));
  return undefined;
}
