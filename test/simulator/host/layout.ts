import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Every path of one stand-in; all but `socketFile` lie below `dir`. */
export interface Layout {
  dir: string;
  /** The mail server's program directory. */
  programDir: string;
  storeDir: string;
  certificateDir: string;
  runDir: string;
  pidFile: string;
  /** The service manager's socket; in the system's temporary directory when `dir` is too long for one. */
  socketFile: string;
  truthDir: string;
  homeDir: string;
  tmpDir: string;
  binDir: string;
  toolsDir: string;
  initScript: string;
  environmentFile: string;
  rememberedFile: string;
  caFile: string;
  loginKeyFile: string;
  hostKeyFile: string;
}

/** Socket paths above about 104 bytes are cut off by the kernel (108 on Linux, 104 on macOS). */
const longestSocketPath = 100;

/** The paths of the stand-in whose state directory is `dir` (absolute). */
export function layoutOf(dir: string): Layout {
  const programDir = join(dir, "opt/kerio/mailserver");
  const runDir = join(dir, "run");
  const nearSocket = join(runDir, "ctl.sock");
  const hash = createHash("sha256").update(dir).digest("hex").slice(0, 16);
  return {
    dir,
    programDir,
    storeDir: join(programDir, "store"),
    certificateDir: join(programDir, "sslcert"),
    runDir,
    pidFile: join(runDir, "kms.pid"),
    socketFile: nearSocket.length < longestSocketPath ? nearSocket : join(tmpdir(), `stand-in-${hash}.sock`),
    truthDir: join(dir, "truth"),
    homeDir: join(dir, "home"),
    tmpDir: join(dir, "tmp"),
    binDir: join(dir, "bin"),
    toolsDir: join(dir, "tools"),
    initScript: join(dir, "etc/init.d/kerio-connect"),
    environmentFile: join(dir, "environment.json"),
    rememberedFile: join(dir, "host.json"),
    caFile: join(dir, "ca.pem"),
    loginKeyFile: join(dir, "login_key"),
    hostKeyFile: join(dir, "host_key"),
  };
}
