import type { HostSession } from "./session.js";
import { KerioError } from "../errors.js";

/** How the mail service of a host is stopped and started. */
export type ServiceControl =
  | { kind: "systemd"; unit: string }
  | { kind: "sysv"; command: string }
  | { kind: "launchd"; plist: string; label: string }
  | { kind: "commands"; stop: string; start: string; status: string };

/** What there is to know about the directory of one mail domain. */
export interface DomainFacts {
  /** Resolved path. */
  path: string;
  exists: boolean;
  /** Whether `<store>/mail/<domain>` is itself a symbolic link. */
  symlink: boolean;
  /** Names file system and mount point; a rename works between directories of equal device only. */
  device: string;
  /** The same for the parking directory. */
  parkingDevice: string;
}

/** What was observed on the mail host. */
export interface HostFacts {
  os: "linux" | "darwin";
  hostname: string;
  bootId: string;
  service: ServiceControl;
  programDirectory: string;
  engine: { running: boolean; pid?: number };
  store: {
    /** Resolved path. */
    path: string;
    /** A private directory on the file system of `mail/`, outside it; made when first needed. */
    parking: string;
  };
  domains: Record<string, DomainFacts>;
  /** Free bytes where the state directory lies. */
  freeBytes: number;
  /** Size of both configuration files together. */
  configuration: { bytes: number };
}

/** What {@link inspectHost} is told. */
export interface InspectOptions {
  storePath: string;
  domains: string[];
  commands?: { stop: string; start: string; status: string };
  programDirectory?: string;
}

export async function inspectHost(_session: HostSession, _options: InspectOptions): Promise<HostFacts> {
  throw new KerioError("INTERNAL", { object: "host", doing: "inspecting", happened: "not built" });
}
