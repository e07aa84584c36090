import { afterEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { runOnce } from "./ssh-client";
import { eventually } from "./wait";

let simulator: Simulator | undefined;
afterEach(async () => {
  await simulator?.stop();
  simulator = undefined;
});

async function hostWith(switches: Record<string, string>) {
  const started = await startSimulator({ switches });
  simulator = started;
  return (command: string) => runOnce(started.info, command);
}

/** The service once an engine runs, another than that of the number. */
function running(before?: number | null) {
  return eventually("a running engine", async () => {
    const now = await simulator?.control.service();
    return now?.running && now.pid !== before ? now : undefined;
  });
}

const present =
  "for name in systemctl service launchctl kerio-connect; do command -v $name >/dev/null && echo $name; done; uname";

describe("a host with systemd", () => {
  it("has the unit and the init script, and the provider takes the unit", async () => {
    const ssh = await hostWith({});
    expect((await ssh(present)).stdout).toBe("systemctl\nservice\nkerio-connect\nLinux\n");
    expect((await ssh("kerio-connect stop")).code).toBe(0);
    expect((await simulator?.control.service())?.active).toBe("inactive");
    expect((await ssh("kerio-connect start && systemctl is-active kerio-connect")).stdout).toContain("active\n");
  });
});

describe("a host without systemd", () => {
  it("has an init script, and no other init system's commands", async () => {
    const ssh = await hostWith({ "init-system": "sysv" });
    expect((await ssh(present)).stdout).toBe(
      `service\nkerio-connect\n${process.platform === "darwin" ? "Darwin" : "Linux"}\n`,
    );
    expect(await ssh("service kerio-connect status")).toMatchObject({
      code: 0,
      stdout: "Kerio Connect is running..\n",
    });
    expect((await ssh("service kerio-connect stop")).code).toBe(0);
    expect((await ssh("../etc/init.d/kerio-connect status")).code).toBe(3);
    expect((await ssh("kerio-connect start")).code).toBe(0);
    expect((await ssh("kerio-connect status")).code).toBe(0);
    expect(await ssh("service other status")).toMatchObject({ code: 1, stderr: "other: unrecognized service\n" });
  });

  it("leaves a crashed engine down, kills one that does not end, and tells a start that failed", async () => {
    const ssh = await hostWith({ "init-system": "sysv" });
    expect(await simulator?.control.command("kill")).toMatchObject({ active: "failed" });
    expect((await ssh("service kerio-connect status")).code).toBe(3);
    await simulator?.control.fault("crash-on-start", { times: 1 });
    expect(await ssh("service kerio-connect start")).toMatchObject({
      code: 1,
      stderr: "Starting Kerio Connect: failed\n",
    });
    expect((await simulator?.control.service())?.running).toBe(false);
    expect((await ssh("service kerio-connect start")).code).toBe(0);
    await simulator?.control.fault("stop-timeout", { ms: 200, times: 1 });
    expect((await ssh("service kerio-connect stop")).stdout).toBe("Stopping Kerio Connect: killed\n");
    expect((await simulator?.control.downtimes())?.at(-1)).toMatchObject({ orderly: false, to: null });
  });
});

describe("a macOS host", () => {
  it.each(["com.kerio.mailserver", "KerioConnect"])("has launchctl, with the job %s", async (label) => {
    const ssh = await hostWith({ "init-system": "launchd", "launchd-label": label });
    const plist = "/Library/LaunchDaemons/com.kerio.mailserver.plist";
    expect((await ssh(present)).stdout).toBe("launchctl\nDarwin\n");
    const [head, row] = (await ssh("launchctl list")).stdout.split("\n");
    expect([head, row?.replace(/^\d+/, "PID")]).toEqual(["PID\tStatus\tLabel", `PID\t0\t${label}`]);
    expect((await ssh(`launchctl list ${label}`)).stdout).toContain(`"Label" = "${label}";`);
    expect((await ssh(`launchctl unload -w ${plist}`)).code).toBe(0);
    expect((await ssh(`launchctl print system/${label}`)).code).toBe(113);
    expect((await simulator?.control.service())?.active).toBe("inactive");
    expect((await ssh(`launchctl load -w ${plist}`)).code).toBe(0);
    expect((await ssh(`launchctl print system/${label}`)).stdout).toContain("state = running");
  });

  it("starts a crashed engine again, also one that crashes at its start, and kills one that does not end", async () => {
    const ssh = await hostWith({ "init-system": "launchd" });
    const plist = "/Library/LaunchDaemons/com.kerio.mailserver.plist";
    const { pid } = await running();
    await simulator?.control.command("kill");
    const restarted = await running(pid);
    expect(restarted.restarts).toBe(1);
    expect((await ssh("launchctl list com.kerio.mailserver")).stdout).toContain(`"LastExitStatus" = 9;`);
    expect((await ssh("launchctl list")).stdout).toMatch(/^\d+\t9\tcom\.kerio\.mailserver$/m);
    expect((await ssh("launchctl kickstart system/com.kerio.mailserver")).code).toBe(37);
    expect((await ssh("launchctl kickstart -k system/com.kerio.mailserver")).code).toBe(0);
    await running(restarted.pid);
    await simulator?.control.fault("stop-timeout", { ms: 200, times: 1 });
    expect((await ssh(`launchctl unload -w ${plist}`)).code).toBe(0);
    expect((await simulator?.control.downtimes())?.at(-1)).toMatchObject({ orderly: false, to: null });
    await simulator?.control.fault("crash-on-start", { times: 1 });
    expect(await ssh(`launchctl load -w ${plist}`)).toMatchObject({
      code: 5,
      stderr: "Load failed: 5: Input/output error\n",
    });
    expect((await running(pid)).restarts).toBe(1);
  });
});

describe("a login that is not root", () => {
  it("needs sudo for service control, where there is one", async () => {
    const ssh = await hostWith({ "ssh-user": "mailadmin" });
    expect((await ssh("id -u; id -un; echo $USER")).stdout).toBe("1000\nmailadmin\nmailadmin\n");
    expect((await ssh("systemctl stop kerio-connect")).code).toBe(4);
    expect((await ssh("sudo -n id -u")).stdout).toBe("0\n");
    expect((await ssh("sudo -n systemctl stop kerio-connect")).code).toBe(0);
    expect((await simulator?.control.service())?.active).toBe("inactive");
  });

  it("meets a sudo that asks for a password", async () => {
    const ssh = await hostWith({ "ssh-user": "mailadmin", sudo: "password" });
    expect(await ssh("sudo -n true")).toMatchObject({ code: 1, stderr: "sudo: a password is required\n" });
  });
});
