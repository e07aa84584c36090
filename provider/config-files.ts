import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { problemWith, type Problem } from "./config-problem";
import { pemCertificates } from "./kerio/certificates";

/** Where files are looked for, and where problems with them go. */
export interface Place {
  /** The server's name, for the keys in problems. */
  name: string;
  /** What relative paths are relative to. */
  directory: string;
  env: NodeJS.ProcessEnv;
  problems: Problem[];
  /** What errors about these settings name beside the stack's configuration. */
  variables?: Readonly<Record<string, string>>;
}

/** The text of the file a setting names; undefined with a problem noted when it cannot be read. */
export function readSettingFile(setting: string, path: string, place: Place): string | undefined {
  if (/[\r\n]|-----BEGIN/.test(path)) {
    place.problems.push(problemWith(setting, place.name, "holds the text of a file, where its path belongs"));
    return undefined;
  }
  const whole = resolve(place.directory, path.replace(/^~(?=\/)/, place.env.HOME ?? homedir()));
  try {
    return readFileSync(whole, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "which does not exist" : `which cannot be read (${code ?? "unknown reason"})`;
    place.problems.push(problemWith(setting, place.name, `names ${whole}, ${why}`));
    return undefined;
  }
}

/** The certificates of `caFile` as PEM text; undefined when it is not set, or with a problem noted. */
export function readCertificates(path: string | undefined, place: Place): string | undefined {
  const text = path === undefined ? undefined : readSettingFile("caFile", path, place);
  if (text === undefined) return undefined;
  try {
    // Only the certificates: whatever else the file holds, a private key say, is not carried around.
    const found = pemCertificates(text);
    if (found.length > 0) return found.map((certificate) => certificate.toString()).join("");
  } catch {
    place.problems.push(problemWith("caFile", place.name, `names ${path}, which holds a damaged certificate`));
    return undefined;
  }
  place.problems.push(problemWith("caFile", place.name, `names ${path}, which holds no certificate in PEM form`));
  return undefined;
}
