import type { Stats } from "node:fs";
import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { utils, type Attributes, type FileEntry, type InputAttributes, type SFTPWrapper } from "ssh2";

const { STATUS_CODE, OPEN_MODE } = utils.sftp;

type Handle = { kind: "file"; file: fs.FileHandle } | { kind: "directory"; path: string; done: boolean };

/** What a request answers with when it has nothing to give back. */
const statusOf: Record<string, number> = {
  ENOENT: STATUS_CODE.NO_SUCH_FILE,
  EACCES: STATUS_CODE.PERMISSION_DENIED,
  EPERM: STATUS_CODE.PERMISSION_DENIED,
};

/** The SFTP subsystem (version 3) on the machine's real files; relative paths start at `home`. */
export function serveSftp(sftp: SFTPWrapper, home: string): void {
  const handles = new Map<number, Handle>();
  let nextHandle = 1;
  const at = (path: string): string => (isAbsolute(path) ? normalize(path) : join(home, path));
  const opened = (handle: Handle): Buffer => {
    const number = nextHandle++;
    handles.set(number, handle);
    const name = Buffer.alloc(4);
    name.writeUInt32BE(number);
    return name;
  };
  const known = (name: Buffer): Handle => {
    const handle = name.length === 4 ? handles.get(name.readUInt32BE()) : undefined;
    if (!handle) throw new Error("unknown handle");
    return handle;
  };
  const fileOf = (name: Buffer): fs.FileHandle => {
    const handle = known(name);
    if (handle.kind !== "file") throw new Error("not a file");
    return handle.file;
  };
  const answer = (id: number, work: () => Promise<void>): void => {
    work().catch((error: NodeJS.ErrnoException) => {
      sftp.status(id, statusOf[error.code ?? ""] ?? STATUS_CODE.FAILURE, error.message);
    });
  };
  /** Answers with OK once the work is done. */
  const done = (id: number, work: () => Promise<unknown>): void =>
    answer(id, async () => {
      await work();
      sftp.status(id, STATUS_CODE.OK);
    });

  sftp.on("OPEN", (id, path, flags, attributes) =>
    answer(id, async () => {
      const file = await fs.open(at(path), openFlags(flags), attributes.mode ?? 0o666);
      sftp.handle(id, opened({ kind: "file", file }));
    }),
  );
  sftp.on("READ", (id, name, offset, length) =>
    answer(id, async () => {
      const { bytesRead, buffer } = await fileOf(name).read(
        Buffer.alloc(Math.min(length, 1 << 18)),
        0,
        undefined,
        offset,
      );
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    }),
  );
  sftp.on("WRITE", (id, name, offset, data) => done(id, () => fileOf(name).write(data, 0, data.length, offset)));
  sftp.on("FSTAT", (id, name) => answer(id, async () => sftp.attrs(id, attributesOf(await fileOf(name).stat()))));
  sftp.on("FSETSTAT", (id, name, attributes) =>
    done(id, async () => {
      const file = fileOf(name);
      if (attributes.size !== undefined) await file.truncate(attributes.size);
      if (attributes.mode !== undefined) await file.chmod(attributes.mode & 0o7777);
      if (attributes.mtime !== undefined) await file.utimes(attributes.atime, attributes.mtime);
    }),
  );
  sftp.on("CLOSE", (id, name) =>
    done(id, async () => {
      const handle = known(name);
      handles.delete(name.readUInt32BE());
      if (handle.kind === "file") await handle.file.close();
    }),
  );
  sftp.on("OPENDIR", (id, path) =>
    answer(id, async () => {
      const stat = await fs.stat(at(path));
      if (!stat.isDirectory()) return void sftp.status(id, STATUS_CODE.FAILURE, "not a directory");
      sftp.handle(id, opened({ kind: "directory", path: at(path), done: false }));
    }),
  );
  sftp.on("READDIR", (id, name) =>
    answer(id, async () => {
      const handle = known(name);
      if (handle.kind !== "directory" || handle.done) return void sftp.status(id, STATUS_CODE.EOF);
      handle.done = true;
      const names = [".", "..", ...(await fs.readdir(handle.path))];
      sftp.name(id, await Promise.all(names.map((entry) => entryOf(handle.path, entry))));
    }),
  );
  sftp.on("STAT", (id, path) => answer(id, async () => sftp.attrs(id, attributesOf(await fs.stat(at(path))))));
  sftp.on("LSTAT", (id, path) => answer(id, async () => sftp.attrs(id, attributesOf(await fs.lstat(at(path))))));
  sftp.on("SETSTAT", (id, path, attributes) => done(id, () => setAttributes(at(path), attributes)));
  sftp.on("REMOVE", (id, path) => done(id, () => fs.unlink(at(path))));
  sftp.on("RMDIR", (id, path) => done(id, () => fs.rmdir(at(path))));
  sftp.on("MKDIR", (id, path, attributes) => done(id, () => fs.mkdir(at(path), attributes.mode ?? 0o777)));
  sftp.on("RENAME", (id, from, to) =>
    done(id, async () => {
      // OpenSSH's plain rename never overwrites.
      if (await exists(at(to))) throw new Error("the target exists");
      await fs.rename(at(from), at(to));
    }),
  );
  sftp.on("SYMLINK", (id, target, link) => done(id, () => fs.symlink(target, at(link))));
  sftp.on("READLINK", (id, path) =>
    answer(id, async () => void sftp.name(id, [plainEntry(await fs.readlink(at(path)))])),
  );
  sftp.on("REALPATH", (id, path) =>
    answer(id, async () => {
      const full = at(path);
      const real = (await exists(full)) ? await fs.realpath(full) : full;
      sftp.name(id, [plainEntry(real)]);
    }),
  );
  sftp.on("EXTENDED", (id) => void sftp.status(id, STATUS_CODE.OP_UNSUPPORTED));
  sftp.once("end", () => bye(sftp));
  sftp.once("close", () => {
    for (const handle of handles.values()) if (handle.kind === "file") handle.file.close().catch(() => undefined);
    handles.clear();
  });
}

/**
 * A client that has nothing more to ask waits until the other end goes, too, and OpenSSH's own take a subsystem that tells
 * no exit status for one that has failed. The library has no public way to tell one.
 */
function bye(sftp: SFTPWrapper): void {
  type Inside = { outgoing: { id: number }; _protocol: { exitStatus(channel: number, status: number): void } };
  const { outgoing, _protocol: protocol } = sftp as unknown as Inside;
  protocol.exitStatus(outgoing.id, 0);
  sftp.end();
}

/** The flags of an OPEN as those of the file system: any combination, as `sshd` takes them. */
function openFlags(flags: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL } = constants;
  const writes = (flags & OPEN_MODE.WRITE) !== 0;
  const access = writes && flags & OPEN_MODE.READ ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
  const more: [number, number][] = [
    [OPEN_MODE.APPEND, O_APPEND],
    [OPEN_MODE.CREAT, O_CREAT],
    [OPEN_MODE.TRUNC, O_TRUNC],
    [OPEN_MODE.EXCL, O_EXCL],
  ];
  return more.reduce((all, [asked, flag]) => (flags & asked ? all | flag : all), access);
}

async function setAttributes(path: string, attributes: InputAttributes): Promise<void> {
  if (attributes.size !== undefined) await fs.truncate(path, attributes.size);
  if (attributes.mode !== undefined) await fs.chmod(path, Number(attributes.mode) & 0o7777);
  if (attributes.uid !== undefined && attributes.gid !== undefined) {
    await fs.chown(path, attributes.uid, attributes.gid);
  }
  if (attributes.mtime !== undefined) await fs.utimes(path, attributes.atime ?? attributes.mtime, attributes.mtime);
}

function attributesOf(stat: Stats): Attributes {
  return {
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    atime: Math.floor(stat.atimeMs / 1000),
    mtime: Math.floor(stat.mtimeMs / 1000),
  };
}

async function entryOf(dir: string, name: string): Promise<FileEntry> {
  const stat = await fs.lstat(join(dir, name));
  const kind = stat.isDirectory() ? "d" : (stat.mode & constants.S_IFMT) === constants.S_IFLNK ? "l" : "-";
  const bits = [..."rwxrwxrwx"].map((letter, bit) => (stat.mode & (0o400 >> bit) ? letter : "-")).join("");
  const longname = `${kind}${bits} ${stat.nlink} ${stat.uid} ${stat.gid} ${stat.size} ${stat.mtime.toISOString()} ${name}`;
  return { filename: name, longname, attrs: attributesOf(stat) };
}

function plainEntry(path: string): FileEntry {
  const attrs: Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
  return { filename: path, longname: path, attrs };
}

async function exists(path: string): Promise<boolean> {
  return fs.lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}
