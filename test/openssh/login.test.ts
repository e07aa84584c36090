import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventually } from "../host/fake-host";
import { onMachine, renameWholly, type Scene } from "./scene";
import { userWithSudo } from "./sudo-user";

const timeout = 240_000;

/** A new key in root's home that may log in as root; gives its path, which is the same on both sides. */
async function newKey({ machine, simulator }: Scene, ...how: string[]): Promise<string> {
  const file = join(simulator.state, "key");
  await machine.run("ssh-keygen", "-q", "-f", file, ...how);
  appendFileSync(join(simulator.state, "home/.ssh/authorized_keys"), readFileSync(`${file}.pub`));
  return file;
}

describe.concurrent("a rename over Debian's OpenSSH", () => {
  test("as root, with a key and the default settings", { timeout }, (context) =>
    onMachine(context, {}, async (scene) => {
      expect(await scene.machine.run("readlink", "-f", "/bin/sh")).toBe("/usr/bin/dash\n");
      await renameWholly(scene, scene.settings());
    }),
  );

  test("with an RSA key that has a passphrase", { timeout }, (context) =>
    onMachine(context, {}, async (scene) => {
      const file = await newKey(scene, "-t", "rsa", "-N", "a phrase 'of' words");
      const privateKey = readFileSync(file, "utf8");
      const passphrase = "a phrase 'of' words";
      await renameWholly(scene, scene.settings({ auth: { kind: "key", privateKey, passphrase } }));
    }),
  );

  test("with the keys of an agent", { timeout }, (context) =>
    onMachine(context, {}, async (scene) => {
      const { machine, simulator, settings } = scene;
      // One that fits no account comes first.
      await machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", join(simulator.state, "stranger"));
      const file = await newKey(scene, "-t", "ecdsa", "-N", "");
      const socket = join(simulator.state, "agent");
      const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
      try {
        const add = `for key in "$@"; do SSH_AUTH_SOCK=${socket} ssh-add -q "$key"; done`;
        await eventually("the agent listens", () => existsSync(socket));
        await machine.run("sh", "-e", "-c", add, "sh", join(simulator.state, "stranger"), file);
        await renameWholly(scene, settings({ auth: { kind: "agent", socket } }));
      } finally {
        agent.kill();
      }
    }),
  );

  test("as a user with sudo that asks for no password", { timeout }, (context) =>
    onMachine(context, { prepare: userWithSudo(["mailops ALL=(root) NOPASSWD: ALL"]) }, (scene) =>
      renameWholly(scene, scene.settings({ user: "mailops" })),
    ),
  );

  test("with a login that prints a banner, a greeting and a shell's start-up file", { timeout }, (context) => {
    const config = "Banner /etc/issue.net\nPrintLastLog yes\nPrintMotd yes";
    const prepare = `
      printf 'Authorised people only.\\n%s\\n' 'kerio:begin $(touch ~root/canary)' >/etc/issue.net
      chsh -s /bin/bash root
      # Debian's own .bashrc ends early without a terminal; this one does not.
      printf 'echo "Welcome, $USER"; echo "Mind the gap" >&2; alias sh=false dd=false\\n' >~root/.bashrc`;
    return onMachine(context, { config, prepare }, async (scene) => {
      await renameWholly(scene, scene.settings());
      expect(await scene.machine.run("ls", "-A", "/root")).not.toContain("canary");
    });
  });

  test("with one session at a time and no SFTP", { timeout }, (context) => {
    const prepare = "sed -i '/^Subsystem/d' /etc/ssh/sshd_config";
    return onMachine(context, { config: "MaxSessions 1", prepare }, async (scene) => {
      expect(await scene.machine.run("/usr/sbin/sshd", "-T")).not.toContain("subsystem");
      await renameWholly(scene, scene.settings());
    });
  });
});
