import type { dynamic } from "@pulumi/pulumi";

/** The names under which the runtime knows the resources. Frozen once released: they stand in every state file. */
export type Kind = "user" | "alias";

interface Bridge {
  kind: string;
  configure(this: Record<string, unknown>, r: dynamic.ConfigureRequest): void;
}

/**
 * The object that Pulumi serialises into every resource's state. It holds a kind and nothing else, attaches the
 * methods synchronously, and leaves all work to today's `pulumi-kerio/runtime`. Its text is frozen: a test compares
 * it with the released one.
 */
export function bridge(kind: Kind): dynamic.ResourceProvider {
  const thin: Bridge = {
    kind,
    // Synchronous, because the host may call a method before an asynchronous `configure` has ended.
    configure(r) {
      for (const m of ["check", "diff", "create", "read", "update", "delete"])
        this[m] = async (...a: unknown[]) =>
          (await import("pulumi-kerio/runtime")).call(this["kind"] as string, r, m, a);
    },
  };
  return thin as unknown as dynamic.ResourceProvider;
}
