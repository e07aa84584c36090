import { lookup } from "node:dns/promises";
import { statSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow } from "./files-below.mjs";
import { run } from "./run.mjs";
import { say } from "./say.mjs";

// Another name only for the test of a machine that cannot reach it.
const downloadHost = process.env.PULUMI_KERIO_DOWNLOAD_HOST ?? "get.pulumi.com";
const probeMs = 4_000;

/**
 * Installs the release `version` through the vendor's installer, with `scratch` as its root, and moves the tools to
 * `destination`. Throws at once where the download host does not answer, and after ten minutes in any case.
 */
export async function downloadTools({ version, scratch, destination }) {
  await probe();
  say(`Pulumi tools: the vendor's installer fetches ${version}, because the tests and the demo run the real engine`);
  const worker = fileURLToPath(new URL("pulumi-download.worker.mjs", import.meta.url));
  // The installer puts the archive into the temporary directory: here it can be seen to grow.
  const TMPDIR = join(scratch, "tmp");
  await mkdir(TMPDIR);
  await run(process.execPath, [worker, version, scratch], {
    what: `Pulumi tools: download of ${version} from ${downloadHost}`,
    cwd: scratch,
    env: { ...process.env, TMPDIR, PULUMI_HOME: join(scratch, "home"), PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMs: 10 * 60_000,
    progress: () => `${(bytesBelow(scratch) / 1_000_000).toFixed(1)} MB fetched and unpacked`,
  });
  await rename(join(scratch, "bin"), destination);
}

function bytesBelow(directory) {
  try {
    return filesBelow(directory).reduce((sum, file) => sum + statSync(file).size, 0);
  } catch (error) {
    // What the installer removes while it is counted.
    if (error.code === "ENOENT") return 0;
    throw error;
  }
}

async function probe() {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${probeMs / 1000} s`)), probeMs).unref();
  });
  try {
    await Promise.race([lookup(downloadHost).then(({ address }) => reach(address)), late]);
  } catch (error) {
    throw new Error(`${downloadHost} cannot be reached (${error.message})`, { cause: error });
  }
}

function reach(address) {
  return new Promise((resolvePromise, reject) => {
    const socket = connect({ host: address, port: 443, timeout: probeMs });
    const settle = (action) => {
      socket.destroy();
      action();
    };
    socket.once("connect", () => settle(resolvePromise));
    socket.once("timeout", () => settle(() => reject(new Error("no answer"))));
    socket.once("error", (error) => settle(() => reject(error)));
  });
}
