import { getProject, getStack, RunError, runtime, type Resource } from "@pulumi/pulumi";
import { requireSecrets } from "../config";
import { refuseMisplacedSecrets } from "../config-misplaced";
import { requireKnownNames } from "../config-names";
import { settingInStackFile } from "../config-stack-file";
import { codeOf, KerioError, messageOf } from "../errors";

// Not part of the published types, but the only way to tell a secret from a plain value in the program.
type SecretKnowing = typeof runtime & { isConfigSecret?: (key: string) => boolean };

/** Not part of the published types either: the engine's name of a resource is made of these. */
type Typed = Resource & { __pulumiType?: string; __parentResource?: Resource };

/**
 * What a resource is known by within one program: its name, behind the types of the components that it stands in, as in its
 * URN. Two components may have a resource of one name each.
 */
export function logicalName(name: string, parent: Resource | undefined): string {
  const parts = [name];
  for (let at = parent as Typed | undefined; at; at = at.__parentResource)
    if (at.__pulumiType !== undefined && at.__pulumiType !== rootType) parts.unshift(at.__pulumiType);
  return parts.join("$");
}

const rootType = "pulumi:pulumi:Stack";

/** The value of `kerio:servers` that the stack's file has been looked at for; every resource asks anew. */
let lookedAt: { servers: string | undefined; inFile: unknown } | undefined;

/**
 * Refuses versions of Node.js that this package, or the text of a provider as Pulumi stores it, has never run on: they fail
 * in the plugin, where nobody can tell why.
 *
 * @param version as `process.versions.node` has it
 * @throws KerioError `CONFIG_INVALID`
 */
export function requireNode(version: string): void {
  if (Number.parseInt(version, 10) >= 20) return;
  throw new KerioError("CONFIG_INVALID", {
    object: "Node.js",
    doing: "starting",
    happened: `this is version ${version}, which is too old`,
    next: "Install Node.js 20 or later.",
  });
}

/**
 * Refuses to go on while the stack's configuration holds a password, key or passphrase in clear text, or a setting that
 * nothing reads. Only the program can tell: the plugin gets every value decrypted, and those it asks for alone.
 *
 * @throws RunError with everything that is wrong and the commands that put it right; its `code` is the first one's,
 * `CONFIG_INVALID` or `CONFIG_NOT_SECRET`
 */
export function refuseWrongConfiguration(): void {
  const { isConfigSecret } = runtime as SecretKnowing;
  const wrong = [
    () => requireNode(process.versions.node),
    () => requireKnownNames(Object.keys(runtime.allConfig()), getProject()),
    () => refuseMisplacedSecrets(runtime.getConfig),
    () => isConfigSecret && requireSecrets({ isSecret: isConfigSecret, get: runtime.getConfig, serversInFile }),
  ].flatMap(thrownBy);
  if (wrong.length > 0) throw printedWithoutStack(wrong);
}

function thrownBy(check: () => unknown): unknown[] {
  try {
    check();
    return [];
  } catch (error) {
    return [error];
  }
}

/**
 * Of a `RunError` Pulumi prints the message alone, of any other error the stack and the program's text as well. It knows one
 * by a member, whichever copy of the SDK made it. Once the program's own text has run, in an `apply`, it
 * prints the stack of that one too.
 */
function printedWithoutStack(errors: readonly unknown[]): unknown {
  const defect = errors.find((error) => codeOf(error) === undefined);
  if (defect !== undefined) return defect;
  const code = codeOf(errors[0]);
  const message = errors.map(messageOf).join("\n");
  return Object.assign(new RunError(message), { code, stack: message });
}

function serversInFile(): unknown {
  const servers = runtime.getConfig("kerio:servers");
  if (lookedAt?.servers !== servers) {
    lookedAt = { servers, inFile: settingInStackFile(process.cwd(), getStack(), "kerio:servers") };
  }
  return lookedAt?.inFile;
}
