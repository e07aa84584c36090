import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.js";
import { checkMailbox, isDirectory } from "./mailbox.js";

/** Milliseconds from one store check to the next, as documented: six hours. */
export const storeCheckPause = 6 * 60 * 60 * 1000;

/** The store check: now, and again and again until the process ends. */
export function keepStoreChecked(engine: Engine): void {
  checkStore(engine);
  setInterval(() => checkStore(engine), storeCheckPause).unref();
}

/** Every mailbox and public folder, whether or not an account is bound to it. */
function checkStore(engine: Engine): void {
  const mail = join(engine.store, "mail");
  const check = (domain: string, name: string): void => {
    const mended = checkMailbox(join(mail, domain, name));
    if (mended.length > 0) engine.truth.write("engine", { event: "index rebuilt", domain, mailbox: name, mended });
  };
  for (const domain of directoriesIn(mail)) {
    // Beside the domains lie the public folders of all of them, where there is one set.
    if (domain.startsWith("#")) check("", domain);
    else for (const name of directoriesIn(join(mail, domain))) check(domain, name);
  }
}

function directoriesIn(parent: string): string[] {
  return readdirSync(parent).filter((name) => isDirectory(join(parent, name)));
}
