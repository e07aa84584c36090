/* eslint-disable @typescript-eslint/no-require-imports -- what is imported at the top would be stored with the text */
import type { dynamic } from "@pulumi/pulumi";
import type * as Runtime from "./runtime";

/** The names under which the runtime knows the resources. Frozen once released: they stand in every state file. */
export type Kind = "user" | "alias";

interface Bridge {
  kind: string;
  configure(this: Record<string, unknown> & { kind: string }, r: dynamic.ConfigureRequest): void;
}

/**
 * What the object does. It stands at the top of the file, because its indentation is stored too.
 *
 * Pulumi evaluates the text as a module without a file name, of which Node.js before 20.12 and in the series 21 makes an
 * invalid URL as soon as the module imports something. There the runtime is required from where `import()` looks for it:
 * the program's directory and those above it, where a project may also be the package itself.
 */
const methods: Pick<Bridge, "configure"> = {
  // Synchronous, because the host may call a method before an asynchronous `configure` has ended.
  configure(r) {
    const old = (): typeof Runtime => require("node:module").createRequire(process.cwd() + "/")("pulumi-kerio/runtime");
    for (const m of ["check", "diff", "create", "read", "update", "delete"])
      this[m] = async (...a: unknown[]) => (await import("pulumi-kerio/runtime").catch(old)).call(this.kind, r, m, a);
  },
};

/**
 * The object that Pulumi serialises into every resource's state. It holds a kind and nothing else, attaches the
 * methods synchronously, and leaves all work to today's `pulumi-kerio/runtime`. Its text is frozen: a test compares
 * it with the released one.
 */
export function bridge(kind: Kind): dynamic.ResourceProvider {
  const thin: Bridge = { kind, ...methods };
  return thin as unknown as dynamic.ResourceProvider;
}
