import { expect, it } from "vitest";
import { readSettings } from "../provider/config";
import { refuseMisplacedSecrets } from "../provider/config-misplaced";

const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\n-----END OPENSSH PRIVATE KEY-----\n";

function refused(config: Record<string, string>): string {
  try {
    refuseMisplacedSecrets((name) => config[name]);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

it.each<[Record<string, string>, string]>([
  [{ "kerio:sshPrivateKeyFile": key }, "pulumi config set kerio:sshPrivateKeyFile"],
  [{ "kerio:caFile": key }, "pulumi config set kerio:caFile"],
  [{ "kerio:url": "https://Admin:planted@mail.example.com" }, "pulumi config set kerio:url"],
  [
    { "kerio:servers": JSON.stringify({ west: { sshPrivateKeyFile: key } }) },
    "pulumi config set --path 'kerio:servers.west.sshPrivateKeyFile'",
  ],
])("refuses a secret where none belongs, with the command and without the value (%#)", (config, command) => {
  expect(refused(config)).toContain(command);
  expect(refused(config)).toContain("CONFIG_NOT_SECRET");
  expect(refused(config)).not.toContain("planted");
});

it("refuses all of them at once", () => {
  const text = refused({ "kerio:caFile": key, "kerio:url": "https://Admin:planted@mail.example.com" });
  for (const part of ["kerio:caFile holds", "kerio:url holds", "config set kerio:caFile", "config set kerio:url"])
    expect(text).toContain(part);
  expect(text).not.toContain("planted");
});

it("takes what belongs there", () => {
  const config = {
    "kerio:url": "https://mail.example.com:4040/@",
    "kerio:sshPrivateKeyFile": "~/.ssh/id_ed25519",
    "kerio:caFile": "ca.pem",
    "kerio:servers": JSON.stringify({ west: { url: "https://west.example.com" } }),
  };
  expect(refused(config)).toBe("");
});

it("is not shown by the plugin either, which gets it from the environment too", () => {
  const env = {
    KERIO_URL: "https://mail.example.com",
    KERIO_USERNAME: "Admin",
    KERIO_PASSWORD: "x",
    KERIO_SSH_PRIVATE_KEY_FILE: key,
  };
  const load = () => readSettings({ get: () => undefined, env, directory: "/" });
  expect(load).toThrow(/sshPrivateKeyFile holds the text of a file/);
  expect(load).not.toThrow(/planted/);
});
