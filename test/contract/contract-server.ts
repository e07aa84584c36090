import { readFileSync } from "node:fs";

/** A server to ask: ours, or a real one. */
export interface ContractServer {
  /** The administration, such as `https://mail.example.com:4040`. */
  url: string;
  username: string;
  password: string;
  /** Authority that signed its certificate, PEM; left out, those of the system. */
  ca?: string;
  /** The domain in which accounts are made and removed. */
  domain: string;
  /** Where it takes mail for that domain; left out, no question that needs mail is asked. */
  smtp?: { host: string; port: number };
  /** The sender of the mail. */
  sender: string;
  /** What every name begins with that is made, and therefore what is removed. */
  prefix: string;
}

/** What the environment says about a real server; undefined when `KERIO_CONTRACT_URL` is not set. Throws what is wrong. */
export function serverFromEnvironment(env: NodeJS.ProcessEnv): ContractServer | undefined {
  const of = (name: string) => env[`KERIO_CONTRACT_${name}`] || undefined;
  const url = of("URL");
  if (url === undefined) return undefined;
  const needed = (name: string) => {
    const value = of(name);
    if (value === undefined) throw new Error(`KERIO_CONTRACT_${name} is missing`);
    return value;
  };
  if (!URL.canParse(url) || new URL(url).protocol !== "https:") {
    throw new Error("KERIO_CONTRACT_URL is not of the form https://HOST:4040");
  }
  const parsed = new URL(url);
  if (parsed.username !== "" || parsed.password !== "") {
    throw new Error("KERIO_CONTRACT_URL holds a login: use KERIO_CONTRACT_USERNAME and KERIO_CONTRACT_PASSWORD");
  }
  const caFile = of("CA_FILE");
  const smtpHost = of("SMTP_HOST");
  return {
    url: parsed.origin,
    username: needed("USERNAME"),
    password: needed("PASSWORD"),
    ...(caFile !== undefined && { ca: readFileSync(caFile, "utf8") }),
    domain: needed("DOMAIN").toLowerCase(),
    ...(smtpHost !== undefined && { smtp: { host: smtpHost, port: portOf(of("SMTP_PORT") ?? "25") } }),
    sender: of("SMTP_FROM") ?? "sender@example.org",
    prefix: prefixOf(of("PREFIX") ?? standardPrefix),
  };
}

/** The prefix unless another one is chosen. */
export const standardPrefix = "kerio.contract.";

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Error("KERIO_CONTRACT_SMTP_PORT is not a port");
  return port;
}

// Whatever begins with it is removed: a short one would reach somebody's account.
function prefixOf(text: string): string {
  if (/^[a-z][a-z0-9.-]{6,28}[.-]$/.test(text) && !text.includes("..")) return text;
  throw new Error(
    "KERIO_CONTRACT_PREFIX is not 8 to 30 small letters, digits, dots and hyphens that end in a dot or a hyphen",
  );
}
