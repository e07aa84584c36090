import { KerioError } from "../errors";
import type { MailServer } from "./mail-server";
import type { UserRequest, UserResult } from "./user-request";

/** Milliseconds that somebody waits for the rename that frees the wanted name. */
const waitForName = 15_000;

/** A call of the engine that has no answer yet. */
export interface Waiting {
  request: UserRequest;
  /** Milliseconds, as `Date.now()`. */
  since: number;
  resolve: (result: UserResult) => void;
  reject: (error: unknown) => void;
}

/** What a name of a domain is known by in a table. */
export function keyOf(domain: string, name: string): string {
  return `${domain.toLowerCase()}/${name.toLowerCase()}`;
}

/** Whether somebody has not waited too long yet. */
export function mayWait(one: Waiting): boolean {
  return Date.now() - one.since < waitForName;
}

/**
 * Renames to the name of somebody whose own rename the engine has announced and not begun: it may begin as soon as
 * others are answered. Nobody waits longer than a newcomer would.
 *
 * @param comes whether a rename from that name is announced and not answered, by {@link keyOf}
 */
export function renamesTooEarly(renames: readonly Waiting[], comes: (key: string) => boolean): Waiting[] {
  const early = new Set<Waiting>();
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const one of renames) {
      const key = keyOf(one.request.domain, one.request.name);
      const mover = renames.find(({ request }) => keyOf(request.domain, request.renamedFrom?.name ?? "") === key);
      const waits = (!mover && comes(key)) || (mover !== undefined && early.has(mover));
      if (!waits || early.has(one) || !mayWait(one)) continue;
      early.add(one);
      isSettled = false;
    }
  }
  return [...early];
}

/**
 * Newcomers whose name an account bears: the engine looks at one resource after another, and may not have come to the one
 * that gives the name up. Where the server does not tell, nobody has to wait.
 */
export async function newcomersTooEarly(server: MailServer, newcomers: readonly Waiting[]): Promise<Waiting[]> {
  const early: Waiting[] = [];
  for (const one of newcomers) {
    const { domain, name } = one.request;
    if (!mayWait(one)) continue;
    const bearer = await server.inventory.userByName(domain, name).catch(() => undefined);
    if (bearer) early.push(one);
  }
  return early;
}

/** What somebody is told whose engine is gone before anything was begun. */
export function abandoned(request: UserRequest, doing = request.renamedFrom ? "renaming" : "creating"): KerioError {
  return new KerioError("RENAME_REFUSED", {
    object: `user ${request.name}@${request.domain}`,
    doing,
    happened: "the engine that asked for it is gone",
    next: "Nothing of it was begun. Run `pulumi up` again.",
  });
}

/** What a newcomer is told whose name has not become free in time. */
export function nameNotFreed(request: UserRequest): KerioError {
  return new KerioError("NAME_TAKEN", {
    object: `user ${request.name}@${request.domain}`,
    doing: "creating",
    happened: "the name becomes free by a rename of this update that has not been carried out",
    next: "Make this resource depend on the renamed one (dependsOn), or run `pulumi up` again.",
  });
}
