import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "./engine.js";
import type { User } from "./state.js";

/** Which directory each account has taken hold of in this life of the engine. The switches say when, and what it means. */
export class Bindings {
  /** By id of the account: the inode of its directory, empty where it has taken hold of there being none. */
  private readonly taken = new Map<string, string>();
  /** By path: the inodes of the mailboxes found at the start, and of those opened since. */
  private readonly listed = new Map<string, string>();
  /** Accounts whose items are counted. */
  private readonly counted = new Set<string>();

  constructor(private readonly engine: Engine) {}

  /** The engine starts: it lists its mailboxes, and every account that is there is bound anew. */
  start(): void {
    const mail = join(this.engine.store, "mail");
    for (const domain of directoriesIn(mail)) {
      for (const path of directoriesIn(domain)) this.listed.set(path, inodeOf(path));
    }
    for (const user of this.engine.state.users.filter((each) => !this.isAsleep(each))) {
      const inode = inodeOf(this.engine.mailboxOf(user));
      if (inode !== "") this.counted.add(user.id);
      if (this.engine.switches.of("bind-account") !== "at-first-use") this.taken.set(user.id, inode);
    }
  }

  /** An account has been made. An engine that binds at its start knows of no directory that has come since. */
  create(user: User): void {
    const path = this.engine.mailboxOf(user);
    const inode = inodeOf(path);
    const isNew = this.listed.get(path) !== inode && inode !== "";
    this.hold(user, isNew && this.engine.switches.of("bind-account") === "at-start" ? "" : inode);
  }

  /** An account has been changed, and maybe enabled. */
  change(user: User): void {
    if (!this.taken.has(user.id)) this.hold(user, inodeOf(this.engine.mailboxOf(user)));
  }

  /** The engine has made the mailbox under the account's name, or mended it: that is what the account has now. */
  take(user: User): void {
    const path = this.engine.mailboxOf(user);
    const inode = inodeOf(path);
    this.listed.set(path, inode);
    this.taken.set(user.id, inode);
  }

  /** The account uses its mailbox. */
  use(user: User): void {
    this.take(user);
    this.counted.add(user.id);
  }

  /** The account has another name: what it had is not its own any more. */
  leave(user: User): void {
    this.taken.delete(user.id);
  }

  /** The account is gone. */
  forget(user: User): void {
    this.taken.delete(user.id);
    this.counted.delete(user.id);
  }

  /** Whether the account has to do without a mailbox until the next start, for what lies under its name is not its own. */
  isAway(user: User): boolean {
    const inode = this.taken.get(user.id);
    const isOther = inode !== undefined && inode !== inodeOf(this.engine.mailboxOf(user));
    return isOther && this.engine.switches.of("placed-directory") !== "at-once";
  }

  /** The directory whose items are the account's; undefined where none is, or it has left the domain's directory. */
  directoryOf(user: User): string | undefined {
    const path = this.engine.mailboxOf(user);
    if (!this.isAway(user)) return path;
    const inode = this.taken.get(user.id);
    return inode === "" ? undefined : directoriesIn(dirname(path)).find((each) => inodeOf(each) === inode);
  }

  /** Whether the API tells the sizes of the account's mailbox. */
  isCounted(user: User): boolean {
    const { switches } = this.engine;
    if (this.counted.has(user.id)) return true;
    return switches.of("bind-account") === "at-first-use" && switches.of("adopted-sizes") === "at-once";
  }

  private hold(user: User, inode: string): void {
    const { switches } = this.engine;
    if (this.isAsleep(user)) return;
    const when = switches.of("bind-account");
    if (when === "at-first-use") return;
    this.taken.set(user.id, inode);
    if (when === "at-create" && inode !== "" && switches.of("adopted-sizes") === "at-once") this.counted.add(user.id);
  }

  /** Whether nothing binds the account before it is enabled or used. */
  private isAsleep({ isEnabled }: User): boolean {
    return !isEnabled && this.engine.switches.of("bind-disabled") === "no";
  }
}

function inodeOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? String(found.ino) : "";
}

function directoriesIn(parent: string): string[] {
  if (inodeOf(parent) === "") return [];
  return readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((path) => inodeOf(path) !== "");
}
