import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Secrets by what each is called in a failure, and the places where they were seen. */
export class Planted {
  private readonly values = new Map<string, string[]>();
  readonly found: string[] = [];

  constructor(values: Record<string, string>) {
    for (const [name, value] of Object.entries(values)) this.plant(name, value);
  }

  /** Adds one; it is also looked for as JSON, base64, hexadecimal digits and in an address. Short values find everything. */
  plant(name: string, value: string): void {
    if (value.length < 8) throw new Error(`${name} is too short to be looked for`);
    const bytes = Buffer.from(value);
    const base64 = bytes.toString("base64").replace(/=+$/, "");
    const forms = [value, JSON.stringify(value).slice(1, -1), base64, bytes.toString("hex"), encodeURIComponent(value)];
    this.values.set(name, [...new Set(forms)]);
  }

  /** Looks at a text, and notes the secrets in it under the place's name. */
  look(place: string, text: string): void {
    for (const [name, forms] of this.values) {
      if (!forms.some((form) => text.includes(form))) continue;
      const line = `${name} in ${place}`;
      if (!this.found.includes(line)) this.found.push(line);
    }
  }

  /** Looks at the names and contents of all files below a directory but those that `skip` names by their whole path. */
  lookBelow(directory: string, skip: (path: string) => boolean = () => false): number {
    let files = 0;
    for (const path of pathsBelow(directory, skip)) {
      this.look(`the name of ${path}`, path);
      files++;
      this.look(path, contentOf(path));
    }
    return files;
  }
}

/** All plain files below a directory, that may change meanwhile. */
export function pathsBelow(directory: string, skip: (path: string) => boolean = () => false): string[] {
  const found: string[] = [];
  for (const name of gone(() => readdirSync(directory)) ?? []) {
    const path = join(directory, name);
    const stat = gone(() => lstatSync(path));
    if (!stat || skip(path)) continue;
    if (stat.isDirectory()) found.push(...pathsBelow(path, skip));
    else if (stat.isFile()) found.push(path);
  }
  return found;
}

/** Looks again and again, until stopped, at the arguments of every process and at whatever else is asked. */
export function watchProcesses(planted: Planted, also: () => void, everyMs = 150): { stop(): number } {
  let looks = 0;
  const look = (): void => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const file = `/proc/${pid}/cmdline`;
      planted.look("the arguments of a process", contentOf(file).replaceAll("\0", " "));
    }
    also();
    looks++;
  };
  const timer = setInterval(look, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return looks;
    },
  };
}

function contentOf(path: string): string {
  return gone(() => readFileSync(path, "latin1")) ?? "";
}

function gone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // What ends or is removed while it is looked at holds nothing any more.
    if (["ENOENT", "ESRCH", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
