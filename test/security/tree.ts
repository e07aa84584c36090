import { lstatSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file below a directory with its inode, size and times, one line each; links are not followed. */
export function treeOf(root: string, skip: (path: string) => boolean = () => false): string[] {
  const lines: string[] = [];
  const look = (path: string): void => {
    const { ino, size, mtimeMs, mode } = lstatSync(path);
    const isDirectory = lstatSync(path).isDirectory();
    lines.push(`${relative(root, path) || "."} ${ino} ${mode.toString(8)} ${isDirectory ? "" : size} ${mtimeMs}`);
    if (isDirectory) for (const name of readdirSync(path).sort()) if (!skip(join(path, name))) look(join(path, name));
  };
  look(root);
  return lines;
}
