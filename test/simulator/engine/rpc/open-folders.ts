import type { Engine } from "../engine.js";

/** A folder that somebody has open, as `Server.getOpenedFoldersInfo` shows it. */
interface OpenFolder {
  folderName: string;
  referenceCount: number;
  indexLoaded: boolean;
  users: string[];
}

/** The folders that mail programs have open, each once. */
export function openFolders(engine: Engine): OpenFolder[] {
  const found = new Map<string, OpenFolder>();
  for (const reader of engine.readers) {
    const user = reader.user();
    if (!user || !reader.folder) continue;
    const address = engine.addressOf(user);
    const folderName = `${address}/${reader.folder.name}`;
    const before = found.get(folderName)?.referenceCount ?? 0;
    found.set(folderName, { folderName, referenceCount: before + 1, indexLoaded: true, users: [address] });
  }
  return [...found.values()];
}
