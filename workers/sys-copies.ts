// Loops of reads and writes in place of what the kernel would do by itself: sendfile, copy_file_range, readahead, and
// positions that are moved by reading. It does not know whether the kernel would have done it.
import fs from "node:fs";
import type { Frame } from "./frame.ts";

const PIECE_BYTES = 1 << 16;
const EINVAL = -22;
const ENOSYS = -38;
const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

/** Reads to the end of the range, or of the file (a length of 0), and forgets what it read. */
export function readThrough(f: Frame): number {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let at = f.position ?? 0;
  const end = f.a === 0 ? Infinity : at + f.a;
  while (at < end && !f.cancelled) {
    const bytes = Math.min(PIECE_BYTES, end - at);
    const count = fs.readSync(f.fd, piece, 0, bytes, at);
    if (count === 0) break;
    at += count;
  }
  return 0;
}

interface Place {
  fd: number;
  /** null is the descriptor's own position. */
  at: number | null;
}

/** What was copied before an error is the result; an error before anything was copied is thrown. */
function copy(f: Frame, from: Place, to: Place, most: number): number {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let copied = 0;
  const placeOf = ({ at }: Place): number | null =>
    at === null ? null : at + copied;
  try {
    while (copied < most && !f.cancelled) {
      const bytes = Math.min(PIECE_BYTES, most - copied);
      const count = fs.readSync(from.fd, piece, 0, bytes, placeOf(from));
      if (count === 0) break;
      for (let begun = 0; begun < count;) {
        const left = count - begun;
        const wrote = fs.writeSync(to.fd, piece, begun, left, placeOf(to));
        begun += wrote;
        copied += wrote;
      }
    }
  } catch (error) {
    if (copied === 0) throw error;
  }
  return copied;
}

/** The most that Linux moves in one call. */
const COPY_MAX_BYTES = 0x7ffff000;
const placeAt = (fd: number, at: number): Place => ({
  fd,
  at: at < 0 ? null : at,
});

export function sendfile(f: Frame): number {
  const most = Math.min(f.b, COPY_MAX_BYTES);
  return copy(f, { fd: f.a, at: f.position }, { fd: f.fd, at: null }, most);
}

export function copyFileRange(f: Frame): number {
  const most = Math.min(f.c, COPY_MAX_BYTES);
  return copy(f, { fd: f.fd, at: f.position }, placeAt(f.a, f.b), most);
}

/** Linux shows the position of a descriptor in a file of its own. */
function positionOf(fd: number): number {
  const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
  return Number(/^pos:\s*(\d+)/.exec(info)![1]);
}

/** Where nothing but reads moves a position: it can be found out, and go forward inside the file. */
export function seek(f: Frame): number {
  const { size } = fs.fstatSync(f.fd);
  if (process.platform !== "linux" || f.b > SEEK_END) return ENOSYS;
  let at = positionOf(f.fd);
  const bases = { [SEEK_SET]: 0, [SEEK_CUR]: at, [SEEK_END]: size };
  const target = bases[f.b as 0 | 1 | 2] + f.a;
  if (target < 0) return EINVAL;
  if (target < at || (target > at && target > size)) return ENOSYS;
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, target - at));
  while (at < target) {
    const bytes = Math.min(piece.byteLength, target - at);
    const count = fs.readSync(f.fd, piece, 0, bytes, null);
    if (count === 0) return ENOSYS;
    at += count;
  }
  f.setDouble(0, at);
  return 0;
}
