import { existsSync, rmSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine.js";
import { ensureFolder, isDirectory, rebuildIndex } from "../mailbox.js";
import type { User } from "../state.js";
import { mayTouch } from "./account-rules.js";
import { forGood } from "./in-one-piece.js";
import type { Call } from "./method.js";
import { loseReferences } from "./references.js";
import { RpcError } from "./rpc-error.js";

/** How an account is removed. */
interface Removal {
  method: string;
  removeReferences: boolean;
  targetUserId: string;
}

/** Removes an account as asked: at once, or after a while, see the switch removal-delay-ms. */
export function removeUser(call: Call, user: User, request: Removal): void {
  const { engine } = call;
  mayTouch(call, user, { self: false });
  const target = request.method === "UMoveFolder" ? engine.user(request.targetUserId) : undefined;
  if (request.method === "UMoveFolder" && (!target || target.id === user.id))
    throw RpcError.missing(request.targetUserId);
  if (target && engine.bindings.isAway(target))
    throw RpcError.failed("The mailbox of %1 is not available.", target.loginName);
  const finish = () => {
    const directory = engine.mailboxOf(user);
    const there = isDirectory(directory) && !engine.bindings.isAway(user);
    if (there) rmSync(join(directory, "#im"), { recursive: true, force: true });
    if (there && request.method === "UDeleteFolder") rmSync(directory, { recursive: true, force: true });
    if (target && there) moveMailbox(engine, directory, target, engine.addressOf(user));
    engine.truth.write("removals", {
      ...request,
      userId: user.id,
      address: engine.addressOf(user),
      hadDirectory: there,
    });
    loseReferences(engine, user, request.removeReferences);
    engine.state.users.splice(engine.state.users.indexOf(user), 1);
    engine.removing.delete(user.id);
    delete engine.state.settings.webSettings[user.id];
    engine.bindings.forget(user);
  };
  forGood(engine, () => {
    engine.removing.add(user.id);
    engine.later(engine.switches.number("removal-delay-ms"), finish);
  });
}

/** Puts the whole tree below the target's root, as one folder with the old tree's folders in it. */
function moveMailbox(engine: Engine, directory: string, target: User, address: string): void {
  const root = engine.openMailbox(target);
  let folder = join(root, `Deleted mailbox - ${address}`);
  for (let count = 2; existsSync(folder); count += 1) folder = join(root, `Deleted mailbox - ${address} (${count})`);
  renameSync(directory, folder);
  ensureFolder(folder, engine.addressOf(target), engine.modes);
  rebuildIndex(folder);
}
