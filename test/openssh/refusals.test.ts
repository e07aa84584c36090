import { afterAll, describe, expect, test, type TestContext } from "vitest";
import type { SshSettings } from "../../provider/host/session";
import type { Simulator } from "../helpers/start-simulator";
import { idOf, provider, renameRequest, stage } from "../rename/stage";
import { pictureOf } from "../security/untouched";
import { needOpenSsh, type MachineChange } from "./machine";
import { onMachine, withMachine, type Scene } from "./scene";
import { userWithSudo } from "./sudo-user";

/** One for all cases, since none of them may change anything on it. */
let shared: Promise<Simulator> | undefined;
afterAll(async () => (await shared)?.stop());

/** Asks for a rename that must be refused, sees that nothing was touched, and gives the refusal. */
async function refusal(
  context: TestContext,
  change: MachineChange,
  ssh: (scene: Scene) => Partial<SshSettings> | Promise<Partial<SshSettings>>,
): Promise<{ code: string; message: string }> {
  let refused = { code: "", message: "" };
  const layer = await needOpenSsh(context);
  const simulator = await (shared ??= stage());
  await withMachine(layer, simulator, change, async (scene) => {
    const plugin = provider(scene.settings(await ssh(scene)));
    try {
      const before = await pictureOf(simulator, "example.com");
      const rename = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
      const error = await rename.then(
        () => new Error("it was not refused"),
        (failure: Error) => failure,
      );
      refused = { code: (error as { code?: string }).code ?? "", message: error.message };
      expect(await pictureOf(simulator, "example.com")).toEqual(before);
    } finally {
      await plugin.close();
    }
  });
  return refused;
}

const asMailops = () => ({ user: "mailops" });
const asRoot = () => ({});

describe.concurrent("a rename over OpenSSH is refused before anything is touched", { timeout: 180_000 }, () => {
  test("when sudo asks for a password", async (context) => {
    const { code, message } = await refusal(context, { prepare: userWithSudo(["mailops ALL=(ALL) ALL"]) }, asMailops);
    expect(code).toBe("PRIVILEGE_MISSING");
    expect(message).toContain("a password is required");
    expect(message).toContain("mailops ALL=(root) NOPASSWD: ALL");
  });

  test("when sudo wants a terminal", async (context) => {
    const lines = ["Defaults:mailops requiretty", "mailops ALL=(ALL) NOPASSWD: ALL"];
    const { code, message } = await refusal(context, { prepare: userWithSudo(lines) }, asMailops);
    expect(code).toBe("PRIVILEGE_MISSING");
    expect(message).toContain("must have a tty");
  });

  test("when sudo is not there", async (context) => {
    const prepare = `${userWithSudo(["mailops ALL=(ALL) NOPASSWD: ALL"])}\nrm /usr/bin/sudo`;
    const { code, message } = await refusal(context, { prepare }, asMailops);
    expect(code).toBe("PRIVILEGE_MISSING");
    expect(message).toContain("not found");
  });

  for (const [kind, command, told] of [
    ["prints something else", "/bin/echo backup only", 'it printed: "backup only"'],
    ["gives back what it is sent", "/bin/cat", "it printed"],
    ["serves files only", "internal-sftp", "it printed"],
  ] as const) {
    test(`when a ForceCommand ${kind}`, async (context) => {
      const { code, message } = await refusal(context, { config: `ForceCommand ${command}` }, asRoot);
      expect(code).toBe("SSH_FAILED");
      expect(message).toContain(told);
      expect(message).toContain("no ForceCommand may replace what is run");
    });
  }

  test("when the login shell is none", async (context) => {
    const prepare = userWithSudo(["mailops ALL=(root) NOPASSWD: ALL"], "/usr/sbin/nologin");
    const { code, message } = await refusal(context, { prepare }, asMailops);
    expect(code).toBe("SSH_FAILED");
    expect(message).toContain("This account is currently not available");
    expect(message).toContain("POSIX shell");
  });

  test("when a mailbox is a mount point", (context) =>
    // With people of its own: the lock has been taken and given back by then.
    onMachine(context, { prepare: 'mount -t tmpfs tmpfs "$STORE/mail/example.com/jdoe"' }, async (scene) => {
      const { simulator } = scene;
      const plugin = provider(scene.settings());
      const rename = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
      await expect(rename).rejects.toMatchObject({ code: "RENAME_REFUSED" });
      await expect(rename).rejects.toThrow("The mailbox directory of jdoe is a mount point");
      expect(await simulator.control.downtimes()).toEqual([]);
      await plugin.close();
    }));

  test("when it is another machine than the server's, with a store of the same path", async (context) => {
    const prepare = 'mount -t tmpfs tmpfs "$STORE" && mkdir -p "$STORE/mail/example.com/jdoe"';
    const { code, message } = await refusal(context, { prepare }, asRoot);
    expect(code).toBe("HOST_UNSUITABLE");
    expect(message).toContain("The SSH host is another machine than the mail server");
  });

  test("when root may not log in", async (context) => {
    const { code, message } = await refusal(context, { config: "PermitRootLogin no" }, asRoot);
    expect(code).toBe("SSH_REFUSED");
    expect(message).toContain("PermitRootLogin");
    expect(message).toContain("kerio:sshUser");
  });

  test("when the host shows another key, with the key it shows", async (context) => {
    let shown = "";
    const { code, message } = await refusal(context, {}, async ({ machine }) => {
      shown = machine.hostKey;
      await machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/tmp/other");
      return { hostKey: await machine.run("cat", "/tmp/other.pub") };
    });
    expect(code).toBe("HOST_KEY_UNKNOWN");
    expect(message).toContain(`pulumi config set kerio:sshHostKey "${shown}"`);
  });
});
