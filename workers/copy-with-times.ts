// cpfile without native code: the same steps as native-aio/src/cp-file.c takes, by Node's own calls. It does not know what a composite is.
import fs from "node:fs";
import { errnoOf, systemError } from "../src/request/errors.ts";
import type { Frame } from "./frame.ts";

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = fs.constants;
const MODE_BITS = 0o7777;
/** Nobody else reads a copy before it is whole. */
const ONLY_WRITTEN = 0o200;
const PIECE_BYTES = 1 << 18;
const BIG = { bigint: true } as const;
const MS_PER_S = 1000;

export function cpfile(f: Frame): number {
  const from = f.fs.openSync(f.path, O_RDONLY);
  try {
    copyTo(f, from, fs.fstatSync(from, BIG));
  } finally {
    fs.closeSync(from);
  }
  return 0;
}

function copyTo(f: Frame, from: number, source: fs.BigIntStats): void {
  const { fd: to, made } = open(f);
  let target: fs.BigIntStats | undefined;
  let whole = false;
  try {
    target = fs.fstatSync(to, BIG);
    if (isSame(source, target)) throw failure("EINVAL", f);
    if (target.isFile()) fs.ftruncateSync(to, 0);
    send(f, from, to, Number(source.size));
    if (target.isFile()) describe(to, source);
    whole = true;
  } finally {
    fs.closeSync(to);
    if (made && !whole && target !== undefined) removeMade(f, target);
  }
}

function open(f: Frame): { fd: number; made: boolean } {
  const flags = O_CREAT | O_WRONLY;
  try {
    const fd = f.fs2.openSync(f.path2, flags | O_EXCL, ONLY_WRITTEN);
    return { fd, made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { fd: f.fs2.openSync(f.path2, flags, ONLY_WRITTEN), made: false };
  }
}

/** A source that became shorter is an error: what is there is no copy. */
function send(f: Frame, from: number, to: number, size: number): void {
  const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size));
  let sent = 0;
  while (sent < size) {
    const most = Math.min(piece.byteLength, size - sent);
    const count = fs.readSync(from, piece, 0, most, sent);
    if (count === 0) throw failure("EIO", f);
    for (let at = 0; at < count;) at += fs.writeSync(to, piece, at, count - at);
    sent += count;
  }
}

/** As far as they may be set. */
function describe(to: number, source: fs.BigIntStats): void {
  const { atimeMs, mtimeMs, mode, uid, gid } = source;
  const steps = [
    () =>
      fs.futimesSync(
        to,
        Number(atimeMs) / MS_PER_S,
        Number(mtimeMs) / MS_PER_S,
      ),
    () => fs.fchmodSync(to, Number(mode) & MODE_BITS),
    () => fs.fchownSync(to, Number(uid), Number(gid)),
  ];
  for (const step of steps)
    try {
      step();
    } catch {
      // It stays as it was made.
    }
}

/** Unless something else has taken its place. */
function removeMade(f: Frame, made: fs.BigIntStats): void {
  try {
    if (isSame(f.fs2.lstatSync(f.path2, BIG), made)) f.fs2.unlinkSync(f.path2);
  } catch {
    // The failure of the copy is the one that counts.
  }
}

const isSame = (a: fs.BigIntStats, b: fs.BigIntStats): boolean =>
  a.dev === b.dev && a.ino === b.ino;

const failure = (code: string, f: Frame): Error =>
  systemError(errnoOf(code), "sendfile", f.path, f.path2);
