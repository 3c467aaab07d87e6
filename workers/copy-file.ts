// Node's copyFileSync, and where a sandbox denies the calls that the kernel copies with, reads and writes in its place. It
// knows two paths that lead where they lead, and no request.
import fs from "node:fs";
import { systemError } from "../src/request/errors.ts";

type Path = fs.PathLike;

const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = fs.constants;
const { O_CREAT, O_EXCL, O_WRONLY } = fs.constants;
const PIECE_BYTES = 1 << 18;
/** What a sandbox's filter fails with; where a file is the reason for one, opening it fails in the same way. */
const DENIALS = new Set(["ENOSYS", "EPERM"]);

export function copyFile(src: Path, dest: Path, mode = 0): void {
  try {
    fs.copyFileSync(src, dest, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const mayDiffer = (mode & COPYFILE_FICLONE_FORCE) === 0;
    if (!mayDiffer || !DENIALS.has(code ?? "")) throw error;
    copyByHand(src, dest, (mode & COPYFILE_EXCL) !== 0);
  }
}

function copyByHand(src: Path, dest: Path, alone: boolean): void {
  try {
    const from = fs.openSync(src, "r");
    try {
      copyFrom(from, dest, alone);
    } finally {
      fs.closeSync(from);
    }
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    throw systemError(errno, "copyfile", src as string, dest as string);
  }
}

function copyFrom(from: number, dest: Path, alone: boolean): void {
  const source = fs.fstatSync(from);
  const [to, made] = open(dest, source.mode, alone);
  try {
    try {
      const target = fs.fstatSync(to);
      if (target.ino === source.ino && target.dev === source.dev) return;
      fs.ftruncateSync(to, 0);
      fs.fchmodSync(to, source.mode);
      copyBytes(from, to);
    } finally {
      fs.closeSync(to);
    }
  } catch (error) {
    if (made) fs.rmSync(dest, { force: true });
    throw error;
  }
}

/** One that is there is written over, unless that is not wanted. */
function open(
  dest: Path,
  mode: number,
  alone: boolean,
): [fd: number, made: boolean] {
  const flags = O_WRONLY | O_CREAT;
  try {
    return [fs.openSync(dest, flags | O_EXCL, mode), true];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (alone || code !== "EEXIST") throw error;
    return [fs.openSync(dest, flags, mode), false];
  }
}

function copyBytes(from: number, to: number): void {
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const count = fs.readSync(from, piece, 0, PIECE_BYTES, null);
    if (count === 0) return;
    for (let at = 0; at < count;)
      at += fs.writeSync(to, piece, at, count - at, null);
  }
}
