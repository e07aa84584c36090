import type { MailServer } from "./mail-server";
import type { AnnouncedRename, Fate, Findings, UserRequest, UserResult } from "./user-request";

/** What the coordinator needs to know about the rest of the process. */
export interface CoordinatorOptions {
  /** Whether a `check` of this process has declared a user of that name, by whatever resource. */
  isDeclared?: (domain: string, name: string) => boolean;
}

/**
 * The one door through which users come into being on one server: collects the creates in flight, makes newcomers
 * in bulk and all renames in one window, and answers each by itself.
 */
export class Coordinator {
  constructor(
    private readonly server: MailServer,
    private readonly options: CoordinatorOptions = {},
  ) {}

  /** To be called for every call that reaches the plugin: a quiet second means that everybody has come. */
  noticeCall(): void {
    throw new Error("not yet");
  }

  /** Remembers that this update will rename an account, so that nobody adopts the name or the account meanwhile. */
  announce(_rename: AnnouncedRename): void {
    throw new Error("not yet");
  }

  /** Whether a rename of this process starts from that name. */
  isSource(_domain: string, _name: string): boolean {
    throw new Error("not yet");
  }

  /** Whether a rename of this process starts from the account of that id and has not been finished. */
  isPendingSource(_userId: string): boolean {
    throw new Error("not yet");
  }

  /** Creates, adopts or renames. */
  create(_request: UserRequest): Promise<UserResult> {
    throw new Error("not yet");
  }

  /** The preview's questions about a rename; reads only. */
  checkRename(_rename: AnnouncedRename & { password?: string }): Promise<Findings & { explanation: string }> {
    throw new Error("not yet");
  }

  /** The preview's questions about a new user; reads only. */
  checkNewcomer(_newcomer: {
    domain: string;
    name: string;
    adopt: boolean;
    adoptMailbox: boolean;
  }): Promise<Findings> {
    throw new Error("not yet");
  }

  /** What became of an account that is not found under its id; asks the snapshots on the host. */
  fate(_userId: string): Promise<Fate> {
    throw new Error("not yet");
  }

  /** Finishes the open rename that led to this account, if there is one; undefined otherwise. */
  finishOpen(_newUserId: string, _request: UserRequest): Promise<UserResult | undefined> {
    throw new Error("not yet");
  }

  /** The engine has heard the result of the rename of that old id: closes its snapshot. */
  heard(_oldUserId: string): Promise<void> {
    throw new Error("not yet");
  }
}
