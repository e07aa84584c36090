import { describe, expect, test } from "vitest";
import { onMachine, renameWholly } from "./scene";
import { hostTools, ifPresent } from "./host-tools";

const timeout = 240_000;

/** What sshd, the login and the stand-in's own commands need, and no script of ours. */
const machineNeeds = [
  "sh",
  "bash",
  "dash",
  "mawk",
  "node",
  "systemctl",
  "service",
  "sshd",
  "chroot",
  "login",
  "env",
  "run-parts",
];

describe.concurrent("a rename on a host", () => {
  test("with nothing but a POSIX shell and the tools that a minimal Debian and macOS have", { timeout }, (context) => {
    const kept = [...hostTools, ...ifPresent, ...machineNeeds].join("|");
    // Every other command notes that it was called, and fails as one that is not there.
    const prepare = `
      # Not below /tmp, where the machine underneath may have a file of any name.
      mkdir /tools
      # POSIX knows no iflag.
      mv /usr/bin/dd /tools/dd
      printf '#!/bin/sh\\ncase "$*" in *iflag=*) echo "dd: unknown operand" >&2; exit 1 ;; esac\\nexec /tools/dd "$@"\\n' >/usr/bin/dd
      chmod 755 /usr/bin/dd
      printf '#!/bin/sh\\nprintf "%%s\\\\n" "\${0##*/}" >>/tools/called\\nexit 127\\n' >/tools/note
      chmod 755 /tools/note
      for directory in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
        cd "$directory"
        for name in *; do
          case $name in
            setsid | flock | nohup | perl) rm -f "./$name" ;;
            ${kept}) ;;
            *) ln -sf /tools/note "./$name" ;;
          esac
        done
      done`;
    return onMachine(context, { prepare }, async (scene) => {
      for (const tool of ["setsid", "flock", "nohup", "perl"]) {
        await expect(scene.machine.run("sh", "-c", `command -v ${tool}`)).rejects.toThrow();
      }
      await expect(scene.machine.run("tac", "/dev/null")).rejects.toThrow();
      await renameWholly(scene, scene.settings());
      expect(await scene.machine.run("cat", "/tools/called")).toBe("tac\n");
    });
  });

  test("whose shell and tools are all busybox's", { timeout }, (context) => {
    const prepare = `
      ln -sf /usr/bin/busybox /usr/bin/sh
      for name in $(busybox --list); do
        case $name in sh | busybox | systemctl | service) ;; *) ln -s /usr/bin/busybox "/usr/local/bin/$name" 2>/dev/null || true ;; esac
      done`;
    return onMachine(context, { prepare }, async (scene) => {
      const look = 'for each in /bin/sh "$(command -v awk)" "$(command -v find)"; do readlink -f "$each"; done';
      expect(await scene.machine.run("sh", "-c", look)).toBe("/usr/bin/busybox\n".repeat(3));
      await renameWholly(scene, scene.settings());
    });
  });
});
