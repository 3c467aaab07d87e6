// An atomic write in one hop: the steps of src/ops/atomic.ts, each as the synchronous call that does
// it. It knows no order of its own.
import fs from "node:fs";
import { isAbsolute } from "node:path";
import { atomicSteps, syscallOf, type AtomicSteps } from "../src/ops/atomic.ts";
import { takeSteps } from "../src/ops/steps.ts";
import { ECANCELED } from "../src/request/request.ts";
import type { Frame } from "./frame.ts";

const RAW = { encoding: "buffer" } as const;
const { O_DIRECTORY, O_RDONLY } = fs.constants;
/** Windows has no such flag, and opens no folders either. */
const FOLDER = O_RDONLY | (O_DIRECTORY ?? 0);

/** Nobody waits for it any more. */
const cancelled = new Error("The write was cancelled");

export function spewAtomic(f: Frame): number {
  const path = Buffer.from(f.path);
  const writing = atomicSteps({
    path: pathFrom(f.starts.src, path),
    temporary: Buffer.from(f.path2),
    mode: f.a,
    durable: f.b !== 0,
    sharesSync: f.c === 0,
  });
  try {
    const folder = takeSteps(writing, stepsOf(f))!;
    return f.b !== 0 && f.c === 0 ? f.send(folder) : 0;
  } catch (error) {
    if (error === cancelled) return ECANCELED;
    throw namedAs(path, error);
  }
}

function stepsOf(f: Frame): AtomicSteps {
  return {
    realpath: (path) => fs.realpathSync.native(path, RAW),
    readlink: (path) => fs.readlinkSync(path, RAW),
    stat: (path) => fs.statSync(path),
    openFolder: (path) => fs.openSync(path, FOLDER),
    create: (path, mode) => fs.openSync(path, "wx", mode),
    fstat: (fd) => fs.fstatSync(fd),
    fchown: (fd, uid, gid) => fs.fchownSync(fd, uid, gid),
    fchmod: (fd, mode) => fs.fchmodSync(fd, mode),
    write(fd) {
      const end = f.dataOffset + f.dataBytes;
      let at = f.dataOffset;
      while (at < end) at += fs.writeSync(fd, f.bytes, at, end - at, null);
    },
    fsync: (fd) => fs.fsyncSync(fd),
    close: (fd) => fs.closeSync(fd),
    rename(from, to) {
      if (f.cancelled) throw cancelled;
      fs.renameSync(from, to);
    },
    unlink: (path) => fs.unlinkSync(path),
    refuse(error) {
      throw error;
    },
  };
}

/** By the folder's true name, where the path starts in one: whoever syncs it later is given that name. */
function pathFrom(folder: string, path: Buffer): Buffer {
  if (folder === "" || path.length === 0 || isAbsolute(path.toString("latin1")))
    return path;
  return Buffer.concat([Buffer.from(`${folder}/`), path]);
}

/** A failure names the file that the caller named, not one that he never saw. */
function namedAs(path: Buffer, error: unknown): unknown {
  const failure = error as NodeJS.ErrnoException & { dest?: string };
  if (typeof failure.errno !== "number") return error;
  failure.path = path.toString();
  if (failure.syscall !== undefined)
    failure.syscall = syscallOf(failure.syscall);
  delete failure.dest;
  return failure;
}

export function syncPath(f: Frame): number {
  const fd = fs.openSync(f.path, "r");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  return 0;
}
