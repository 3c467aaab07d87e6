// Whole files in one crossing: open, read or write everything, close. It does not know who wants them.
import fs from "node:fs";
import { Special } from "../src/request/layout.ts";
import type { Frame } from "./frame.ts";

/** One read of a large file, so that a cancel is seen in between. */
const STEP_BYTES = 4 << 20;
/** As Node's readFile: 2 GiB and more is refused. */
const FILE_MAX_BYTES = 2 ** 31 - 1;

export function readBlock(f: Frame): number {
  const buffer = Buffer.allocUnsafeSlow(f.a);
  const count = fs.readSync(f.fd, buffer, 0, f.a, f.position);
  return f.send(buffer.subarray(0, count), count);
}

export function slurp(f: Frame): number {
  // Native code may have opened the file and read what fits already.
  const begun = f.fd !== -1;
  const fd = begun ? f.fd : f.fs.openSync(f.path, f.a, 0o666);
  try {
    return slurpWithin(f, fd, f.c, begun ? f.outBytes : 0);
  } finally {
    fs.closeSync(fd);
  }
}

export function slurpFd(f: Frame): number {
  return slurpWithin(f, f.fd, f.b);
}

/** Of a file that is larger than `most` nothing is read, unless that is 0. */
function slurpWithin(f: Frame, fd: number, most: number, begun = 0): number {
  const stats = most === 0 ? null : fs.fstatSync(fd);
  if (stats?.isFile() !== true || stats.size <= most)
    return slurpFrom(f, fd, begun);
  if (stats.size > FILE_MAX_BYTES) throw tooLarge(stats.size);
  f.setOutBytes(stats.size);
  return Special.overLimit;
}

/**
 * Small files end in the slot's own memory. A short read says nothing about the end (pipes, /proc,
 * a file that grows): only a read of 0 bytes does.
 */
function slurpFrom(f: Frame, fd: number, begun = 0): number {
  const { bytes, dataOffset, room } = f;
  let used = begun;
  while (used < room) {
    const count = fs.readSync(fd, bytes, dataOffset + used, room - used, null);
    if (count === 0) {
      f.setOutBytes(used);
      return 0;
    }
    used += count;
  }
  return slurpLarge(f, fd, bytes.subarray(dataOffset, dataOffset + used));
}

function slurpLarge(f: Frame, fd: number, begun: Uint8Array): number {
  const stats = fs.fstatSync(fd);
  const expected = stats.isFile() ? stats.size : 0;
  if (expected > FILE_MAX_BYTES) throw tooLarge(expected);
  let buffer = Buffer.allocUnsafeSlow(Math.max(expected, begun.byteLength) + 1);
  buffer.set(begun);
  let used = begun.byteLength;
  for (;;) {
    if (used === buffer.byteLength) {
      const larger = Buffer.allocUnsafeSlow(
        Math.min(used * 2, FILE_MAX_BYTES + 1),
      );
      buffer.copy(larger);
      buffer = larger;
    }
    if (f.cancelled) return 0;
    const step = Math.min(buffer.byteLength - used, STEP_BYTES);
    const count = fs.readSync(fd, buffer, used, step, null);
    if (count === 0)
      return f.move(
        used === buffer.byteLength ? buffer : buffer.subarray(0, used),
      );
    used += count;
    if (used > FILE_MAX_BYTES) throw tooLarge(used);
  }
}

function tooLarge(bytes: number): Error {
  return Object.assign(
    new RangeError(`File size (${bytes}) is greater than 2 GiB`),
    {
      code: "ERR_FS_FILE_TOO_LARGE",
    },
  );
}

export function spew(f: Frame): number {
  const fd = f.fs.openSync(f.path, f.a, f.b);
  try {
    const end = f.dataOffset + f.dataBytes;
    let at = f.dataOffset;
    while (at < end) at += fs.writeSync(fd, f.bytes, at, end - at, null);
    if (f.c) fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  return 0;
}

export function truncate(f: Frame): number {
  const fd = f.fs.openSync(f.path, "r+");
  try {
    fs.ftruncateSync(fd, f.a);
  } finally {
    fs.closeSync(fd);
  }
  return 0;
}
