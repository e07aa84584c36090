import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { userCache } from "./paths.mjs";
import { run } from "./run.mjs";
import { say } from "./say.mjs";

const packages = ["openssh-server", "sudo", "busybox"];
const limitMs = 4 * 60_000;
const dpkgStatus = "/var/lib/dpkg/status";

/** Only what apt installs ends up in `upper`: its lists and archives are thrown away, and no service is started. */
const installScript = `
set -e
layer=$1; shift
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
cd "$layer/root"
mount -t proc proc proc
mount --rbind /dev dev
for directory in var/lib/apt/lists var/cache/apt tmp; do mount -t tmpfs tmpfs "$directory"; done
mkdir -p usr/sbin run/sshd
printf '#!/bin/sh\\nexit 101\\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
chroot . apt-get -q -o Acquire::Retries=2 -o Acquire::http::Timeout=30 update
chroot . apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Acquire::Retries=2 -o Acquire::http::Timeout=30 install "$@"
chroot . /usr/sbin/sshd -t
`;

/**
 * The files that Debian's openssh-server, sudo and busybox add to this machine, as a directory to be laid over its
 * file system: `directory`, or the `reason` why there is none. The machine itself stays as it is: apt works in a mount
 * namespace, on an overlay whose upper half is kept in the user's cache until this machine's own packages change.
 */
export async function opensshLayer() {
  const missing = whatIsMissing();
  if (missing !== undefined) return { reason: missing };
  const key = createHash("sha256").update(readFileSync(dpkgStatus)).update(packages.join(" ")).digest("hex");
  const destination = join(userCache(), `openssh-host-${key.slice(0, 16)}`);
  if (existsSync(destination)) return { directory: destination };
  return withLock(join(userCache(), "openssh-host.lock"), { what: "OpenSSH server" }, async () => {
    if (existsSync(destination)) return { directory: destination };
    const failed = failureFile();
    // Both test processes ask, and a registry that cannot be reached costs each of them the whole wait.
    if (failed !== undefined && existsSync(failed)) return { reason: readFileSync(failed, "utf8") };
    try {
      await install(destination);
      return { directory: destination };
    } catch (error) {
      const reason = error.message.split("\n").filter(Boolean);
      const text = `${reason[0]} (${reason.at(-1)})`;
      if (failed !== undefined) await writeFile(failed, text);
      return { reason: text };
    }
  });
}

function whatIsMissing() {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid() !== 0) return "needs root, to install Debian's openssh-server in a namespace of its own";
  if (!existsSync(dpkgStatus) || !existsSync("/usr/bin/apt-get")) return "needs apt-get, to install openssh-server";
  if (!existsSync("/usr/bin/unshare")) return "needs unshare (util-linux)";
  return undefined;
}

/** Lives as long as the temporary directory of one test run. */
function failureFile() {
  const root = process.env.PULUMI_KERIO_TEST_ROOT;
  return root === undefined ? undefined : join(root, "openssh-host-failed.txt");
}

async function install(destination) {
  await mkdir(userCache(), { recursive: true });
  for (const name of await readdir(userCache())) {
    // The lock says that nobody is at work on them.
    if (name.startsWith("openssh-host.tmp-")) await rm(join(userCache(), name), { recursive: true, force: true });
  }
  const layer = await mkdtemp(join(userCache(), "openssh-host.tmp-"));
  try {
    for (const name of ["upper", "work", "root"]) await mkdir(join(layer, name));
    const args = ["--mount", "--propagation", "private", "sh", "-c", installScript, "sh", layer, ...packages];
    const what = "OpenSSH server: apt-get install";
    say(
      `${what} of ${packages.join(", ")} into ${userCache()}, because the tests of the mail host meet a real sshd; once per machine`,
    );
    const env = { ...process.env, LC_ALL: "C" };
    await run("unshare", args, { what, env, timeoutMs: limitMs, progress: (_lines, last) => last });
    await rename(join(layer, "upper"), destination);
  } finally {
    await rm(layer, { recursive: true, force: true });
  }
}
