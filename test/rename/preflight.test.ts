import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ServerSettings } from "../../provider/config";
import type { Simulator } from "../helpers/start-simulator";
import { pictureOf } from "../security/untouched";
import { harm } from "./crash/harm";
import { domain, idOf, provider, renameRequest, settingsOf, stage } from "./stage";
import { wrapCommand } from "./wrap-command";

/** Something about a mail host with which nobody is renamed on it. */
interface Obstacle {
  /** Brings it about; gives what takes it away. */
  begin(): () => void;
  settings?: () => Partial<ServerSettings>;
  code: "HOST_UNSUITABLE" | "RENAME_REFUSED";
  told: RegExp;
  /** Whether it takes the right to mount something. */
  isMount?: true;
}

let simulator: Simulator;
beforeAll(async () => {
  simulator = await stage({ switches: { "init-system": "systemd" } });
});
afterAll(() => simulator?.stop());

const inState = (...names: string[]) => join(simulator.state, ...names);
const inStore = (...names: string[]) => join(simulator.info.store, "mail", domain, ...names);

/** Puts something else in the place of a directory, which waits elsewhere. */
function replace(path: string, replacement: (kept: string) => void): () => void {
  const kept = inState("kept");
  renameSync(path, kept);
  replacement(kept);
  return () => {
    rmSync(path);
    renameSync(kept, path);
  };
}

function mount(path: string, ...how: string[]): () => void {
  const { status, stderr } = spawnSync("mount", [...how, path], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return () => void spawnSync("umount", ["-l", path]);
}

const obstacles: Record<string, Obstacle> = {
  "no server process is found": {
    begin: () => {
      mkdirSync(inState("other"));
      for (const name of ["mailserver.cfg", "users.cfg"]) writeFileSync(inState("other", name), "<config/>\n");
      const lines = ['case "$*" in *MainPID*) echo MainPID=0; exit 0 ;; esac', 'exec "$real" "$@"'];
      return wrapCommand(simulator, "systemctl", lines);
    },
    settings: () => ({ programDirectory: inState("other") }),
    code: "HOST_UNSUITABLE",
    told: /no server process was found on it, though the API answers.*kerio:sshHost and kerio:programDirectory/,
  },
  "the domain has a file in the place of its directory": {
    begin: () => replace(inStore(), () => writeFileSync(inStore(), "x")),
    code: "HOST_UNSUITABLE",
    told: /example\.com is no directory.*Look at the store/,
  },
  "the person has a file in the place of the mailbox": {
    begin: () => replace(inStore("jdoe"), () => writeFileSync(inStore("jdoe"), "x")),
    code: "RENAME_REFUSED",
    told: /jdoe in the store is no directory; look at .*example\.com on the mail host/,
  },
  "the mailbox is a symbolic link": {
    begin: () => replace(inStore("jdoe"), (kept) => symlinkSync(kept, inStore("jdoe"))),
    code: "RENAME_REFUSED",
    told: /The mailbox directory of jdoe is a symbolic link; the server's backups skip it/,
  },
  "the mailbox is a mount point": {
    begin: () => mount(inStore("jdoe"), "--bind", inStore("jdoe")),
    code: "RENAME_REFUSED",
    told: /The mailbox directory of jdoe is a mount point/,
    isMount: true,
  },
  "the domain lies on another file system": {
    begin: () => mount(inStore(), "--bind", inStore()),
    code: "HOST_UNSUITABLE",
    told: /the mailboxes of example\.com lie on another file system than the store.*manual procedure/,
    isMount: true,
  },
  "root's home is nearly full": {
    begin: () => mount(inState("home"), "-t", "tmpfs", "-o", "size=1m,mode=700", "none"),
    code: "HOST_UNSUITABLE",
    told: /only \d+ bytes are free, and \d+ are needed for snapshot and copies.*Make room/,
    isMount: true,
  },
};

describe("a rename is refused before anything is touched where", () => {
  for (const [what, { begin, settings, code, told, isMount }] of Object.entries(obstacles)) {
    it(what, async ({ skip }) => {
      const reason = isMount && harm.whyNotFill();
      if (reason) skip(reason);
      const look = async () => ({ ...(await pictureOf(simulator, domain)), home: [] });
      const before = await look();
      expect(before.downtimes).toBe(0);
      const plugin = provider(settingsOf(simulator, settings?.()));
      const end = begin();
      try {
        const rename = plugin.coordinator.create(renameRequest("jdoe", "jsmith", await idOf(simulator, "jdoe")));
        await expect(rename).rejects.toMatchObject({ code });
        await expect(rename).rejects.toThrow(told);
        await expect(rename).rejects.toThrow("Nothing has been touched.");
      } finally {
        end();
        await plugin.close();
      }
      expect(await look()).toEqual(before);
    });
  }
});
