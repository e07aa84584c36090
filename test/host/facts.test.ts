import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { inspectHost } from "../../provider/host/facts";
import { factsScript } from "../../provider/host/facts-script";
import { FakeHost } from "./fake-host";

let host: FakeHost;
afterEach(() => host.destroy());

function uname(system: string): void {
  writeFileSync(join(host.root, "bin/uname"), `#!/bin/sh\necho ${system}\n`);
  chmodSync(join(host.root, "bin/uname"), 0o755);
}

test("the script is plain POSIX shell", () => {
  host = new FakeHost();
  for (const shell of ["dash", "bash"]) execFileSync(shell, ["-n"], { input: factsScript });
});

test("finds the init script, the program directory of the running engine, and the domains", async () => {
  host = new FakeHost({ store: "elsewhere/store" });
  writeFileSync(join(host.program, "mailserver.cfg"), `<variable name="StoreDir">${host.store}</variable>`);
  host.service("start");
  symlinkSync(host.domain, join(host.store, "mail/linked.example.com"));
  const domains = ["example.com", "linked.example.com", "absent.example.com"];
  const facts = await inspectHost(host.session("echo hello; "), { storePath: `${host.store}/`, domains });
  expect(facts).toMatchObject({
    os: "linux",
    service: { kind: "sysv", command: join(host.root, "bin/kerio-connect") },
    programDirectory: host.program,
    engine: { running: true },
    store: { path: host.store, mail: `${host.store}/mail`, parking: host.parking },
  });
  expect(facts.freeBytes).toBeGreaterThan(0);
  expect(facts.configuration.bytes).toBeGreaterThan(100);
  expect(facts.bootId).not.toBe("");
  expect(facts.domains["example.com"]).toMatchObject({ path: host.domain, exists: true, symlink: false });
  expect(facts.domains["example.com"]?.device).toBe(facts.domains["example.com"]?.parkingDevice);
  expect(facts.domains["linked.example.com"]).toMatchObject({ path: host.domain, exists: true, symlink: true });
  expect(facts.domains["absent.example.com"]).toMatchObject({ exists: false });
});

test("finds systemd, and a stopped engine's program directory beside the store", async () => {
  host = new FakeHost({ systemd: true });
  const facts = await inspectHost(host.session(), { storePath: host.store, domains: [] });
  expect(facts).toMatchObject({
    service: { kind: "systemd", unit: "kerio-connect" },
    programDirectory: host.program,
    engine: { running: false },
  });
});

test("configured commands win", async () => {
  host = new FakeHost({ systemd: true });
  const commands = { stop: "docker stop mail", start: "docker start mail", status: "docker top mail" };
  const facts = await inspectHost(host.session(), { storePath: host.store, domains: [], commands });
  expect(facts.service).toEqual({ kind: "commands", ...commands });
});

test("finds launchd", async () => {
  host = new FakeHost();
  uname("Darwin");
  writeFileSync(join(host.root, "bin/launchctl"), "#!/bin/sh\nprintf '1\\t0\\tcom.kerio.mailserver\\n'\n", {
    mode: 0o755,
  });
  const facts = await inspectHost(host.session(), { storePath: host.store, domains: [] });
  expect(facts.os).toBe("darwin");
  expect(facts.service).toMatchObject({ kind: "launchd", label: "com.kerio.mailserver" });
});

test("what cannot be used is refused with a cure", async () => {
  host = new FakeHost();
  const ask = (storePath = host.store) => inspectHost(host.session(), { storePath, domains: [] });
  await expect(ask(join(host.root, "absent"))).rejects.toThrow(/kerio:sshHost/);
  rmSync(join(host.program, "users.cfg"));
  await expect(ask()).rejects.toThrow(/kerio:programDirectory/);
  rmSync(join(host.root, "bin/kerio-connect"));
  await expect(ask()).rejects.toThrow(/kerio:stopCommand/);
  uname("MINGW64_NT-10.0");
  await expect(ask()).rejects.toThrow(/renaming-user-account-243/);
  await expect(ask("relative/store")).rejects.toMatchObject({ code: "INPUT_INVALID" });
});
