import { runtime } from "@pulumi/pulumi";
import { requireSecrets } from "../config";

// Not part of the published types, but the only way to tell a secret from a plain value in the program.
type SecretKnowing = typeof runtime & { isConfigSecret?: (key: string) => boolean };

/**
 * Refuses to go on while the stack's configuration holds a password, key or passphrase in clear text. Only the program
 * can tell: the plugin gets every value decrypted.
 *
 * @throws KerioError `CONFIG_NOT_SECRET` with the command that puts it right
 */
export function refuseClearSecrets(): void {
  const { isConfigSecret } = runtime as SecretKnowing;
  if (isConfigSecret) requireSecrets(isConfigSecret, runtime.getConfig);
}
