import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { isObject } from "./config-source";

/** The part of js-yaml, which the Pulumi SDK brings along, that its versions 3 and 4 share. */
interface YamlReader {
  JSON_SCHEMA: unknown;
  load(text: string, options: { schema: unknown }): unknown;
}

const extensions = ["yaml", "yml", "json"];

/**
 * A setting as the stack's configuration file holds it: encrypted values are objects with the one member `secure`.
 *
 * Undefined where it cannot be known: no project above the directory, another file named by `--config-file`, an SDK
 * without a YAML reader, a file that cannot be read.
 *
 * @param directory the program's directory
 * @param stack the stack's name, without its organisation
 * @param key the whole key, `kerio:servers`
 */
export function settingInStackFile(directory: string, stack: string, key: string): unknown {
  const project = projectFile(resolve(directory));
  if (project === undefined) return undefined;
  try {
    const yaml = yamlReader();
    const read = (path: string) => yaml.load(readFileSync(path, "utf8"), { schema: yaml.JSON_SCHEMA });
    const settings = read(project);
    const place =
      isObject(settings) && typeof settings["stackConfigDir"] === "string" ? settings["stackConfigDir"] : "";
    const file = firstOf(resolve(dirname(project), place), `Pulumi.${stack}`);
    const content = file === undefined ? undefined : read(file);
    const config = isObject(content) ? content["config"] : undefined;
    return isObject(config) ? config[key] : undefined;
  } catch {
    // Pulumi itself has read this file; what cannot be read here says nothing about the secrets in it.
    return undefined;
  }
}

function projectFile(directory: string): string | undefined {
  const found = firstOf(directory, "Pulumi");
  if (found !== undefined || dirname(directory) === directory) return found;
  return projectFile(dirname(directory));
}

function firstOf(directory: string, name: string): string | undefined {
  return extensions.map((extension) => join(directory, `${name}.${extension}`)).find((path) => existsSync(path));
}

function yamlReader(): YamlReader {
  const ownRequire = createRequire(__filename);
  return createRequire(ownRequire.resolve("@pulumi/pulumi"))("js-yaml") as YamlReader;
}
