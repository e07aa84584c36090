import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a user installs, as README.md has it. */
export interface DocumentedPackages {
  /** The name of the package's own file. */
  tarball: string;
  /** The packages beside it, in the version that this repository has installed. */
  packages: { name: string; version: string }[];
}

/**
 * Reads the `npm install` of README.md's "Installing". Throws when there is none, or when the version that it asks for,
 * as in `typescript@5`, is not the one that this repository has.
 */
export function documentedPackages(repository: string): DocumentedPackages {
  const text = readFileSync(join(repository, "README.md"), "utf8");
  const [, tarball, rest] = /^npm install \.\/(\S+\.tgz) (.+)$/m.exec(text) ?? [];
  if (tarball === undefined || rest === undefined) throw new Error("README.md has no line `npm install ./….tgz …`");
  const packages = rest
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [, name = "", wanted] = /^(@?[^@]+)(?:@(\d+))?$/.exec(word) ?? [];
      const version = versionOf(join(repository, "node_modules", name));
      if (wanted !== undefined && version.split(".")[0] !== wanted) {
        throw new Error(`README.md installs ${word}, and the tests have ${version}`);
      }
      return { name, version };
    });
  return { tarball, packages };
}

function versionOf(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { version: string }).version;
}
