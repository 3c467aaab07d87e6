// A file written whole or not at all: beside, under a name of its own, then renamed over. Whoever
// looks sees the old content or the new; with syncs in between, also after the power went.
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { isAbsolute } from "node:path";
import { TEMPORARY_PREFIX, TEMPORARY_SUFFIX } from "../src/ops/atomic.ts";
import { ECANCELED } from "../src/request/request.ts";
import type { Frame } from "./frame.ts";

const RAW = { encoding: "buffer" } as const;
const SLASH = 0x2f;
const UNTOLD_MODE = 0o666;
const PERMISSIONS = 0o7777;

export function spewAtomic(f: Frame): number {
  const path = Buffer.from(f.path);
  return toldOf(path, () => {
    const target = targetOf(pathFrom(f.starts.src, path));
    const temporary = Buffer.concat([folderOf(target), temporaryName()]);
    const fd = fs.openSync(temporary, "wx", f.a === -1 ? UNTOLD_MODE : f.a);
    return commit(f, fd, temporary, target, () => {
      const end = f.dataOffset + f.dataBytes;
      let at = f.dataOffset;
      while (at < end) at += fs.writeSync(fd, f.bytes, at, end - at, null);
    });
  });
}

/** The same of a file that was written beside already. */
export function replaceAtomic(f: Frame): number {
  const temporary = Buffer.from(f.path);
  const target = Buffer.from(f.path2);
  return toldOf(target, () =>
    commit(f, fs.openSync(temporary, "r+"), temporary, target),
  );
}

/** What is beside goes, unless it took the target's place. */
function commit(
  f: Frame,
  fd: number,
  temporary: Buffer,
  target: Buffer,
  write = (): void => {},
): number {
  let done = false;
  try {
    try {
      write();
      if (f.a === -1) takeOver(fd, target);
      else fs.fchmodSync(fd, f.a);
      if (f.b) fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    if (f.cancelled) return ECANCELED;
    fs.renameSync(temporary, target);
    done = true;
  } finally {
    if (!done) fs.rmSync(temporary, { force: true });
  }
  const folder = folderOf(target);
  if (f.b && f.c) syncFolder(folder);
  return f.b && !f.c ? f.send(folder) : 0;
}

/** The new file is to be what the old one was: its permissions, and its owner where that may be. */
function takeOver(fd: number, target: Buffer): void {
  const before = fs.statSync(target, { throwIfNoEntry: false });
  if (before === undefined) return;
  const own = fs.fstatSync(fd);
  if (own.uid !== before.uid || own.gid !== before.gid)
    try {
      fs.fchownSync(fd, before.uid, before.gid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    }
  fs.fchmodSync(fd, before.mode & PERMISSIONS);
}

/** By the folder's true name, where the path starts in one: it is told of to whoever syncs it. */
function pathFrom(folder: string, path: Buffer): Buffer {
  if (folder === "" || path.length === 0 || isAbsolute(path.toString()))
    return path;
  return Buffer.concat([Buffer.from(`${folder}/`), path]);
}

/** A link stays, and what it leads to is replaced. */
function targetOf(path: Buffer): Buffer {
  try {
    return fs.realpathSync.native(path, RAW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return path;
  }
}

/** With its slash at the end; "./" of a name alone. */
function folderOf(path: Buffer): Buffer {
  const slash = path.lastIndexOf(SLASH);
  return slash === -1 ? Buffer.from("./") : path.subarray(0, slash + 1);
}

const temporaryName = (): Buffer =>
  Buffer.from(
    TEMPORARY_PREFIX + randomBytes(9).toString("hex") + TEMPORARY_SUFFIX,
  );

/** What fails is told of the file that the caller named, not of one that he never saw. */
function toldOf(path: Buffer, work: () => number): number {
  try {
    return work();
  } catch (error) {
    const told = error as NodeJS.ErrnoException & { dest?: string };
    if (typeof told.errno === "number") {
      told.path = path.toString();
      delete told.dest;
    }
    throw error;
  }
}

export function syncPath(f: Frame): number {
  syncFolder(f.path);
  return 0;
}

function syncFolder(path: Buffer): void {
  const fd = fs.openSync(path, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
