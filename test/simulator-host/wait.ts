import { connect } from "node:net";

/** Waits until `look` gives something other than undefined or false; throws after the limit (10 s by default). */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  limitMs = 10_000,
): Promise<Exclude<T, undefined | false>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (Date.now() > end) throw new Error(`not seen in ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Whether a TCP connection to the port is accepted. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Whether a process of this number lives. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
