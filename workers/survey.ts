// survey without native code: the same report as native-aio/src/survey.c makes, from Node's own calls. What is watched is not known
// here: whoever wants that watches with node:fs.
import fs from "node:fs";
import type { Frame } from "./frame.ts";

const ENOENT = -2;
const ENAMETOOLONG = -36;
const ENOSYS = -38;
const ESTALE = -116;
/** In front of the names that are wanted: the inode and the birth of the folder that is expected; zeros: any. */
const EXPECTED_BYTES = 16;
const HEAD_BYTES = 4;
const RECORD_BYTES = 28;
const ENTRY_BYTES = RECORD_BYTES + 4;
const MODE_AT = 24;
const OWNER_PRIME = 31n;
const { O_DIRECTORY, O_NONBLOCK, O_RDONLY } = fs.constants;
const RAW = { encoding: "buffer" } as const;
/** What an open folder contains has a path here. */
const HAS_PATHS = process.platform === "linux";

export function survey(f: Frame): number {
  const path = Buffer.from(f.path);
  const wanted = Buffer.from(f.data);
  if (!HAS_PATHS) return report(f, path, path, wanted);
  const fd = f.fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  try {
    return report(f, path, Buffer.from(`/proc/self/fd/${fd}/.`), wanted);
  } finally {
    fs.closeSync(fd);
  }
}

function report(
  f: Frame,
  path: Buffer,
  folder: Buffer,
  wanted: Buffer,
): number {
  const own = Buffer.alloc(HEAD_BYTES + RECORD_BYTES);
  // Where it cannot be watched, it is not.
  own.writeInt32LE(f.a < 0 ? -1 : ENOSYS);
  putRecord(own, HEAD_BYTES, fs.statSync(folder, { bigint: true }));
  const expected = wanted.subarray(0, EXPECTED_BYTES);
  const found = own.subarray(HEAD_BYTES, HEAD_BYTES + EXPECTED_BYTES);
  if (expected.some((byte) => byte !== 0) && !expected.equals(found))
    return ESTALE;
  const listed = wanted.length === EXPECTED_BYTES;
  const names = listed
    ? namesIn(folder, path)
    : namesOf(wanted.subarray(EXPECTED_BYTES));
  const before = Buffer.concat([folder, Buffer.from("/")]);
  const entries = names.flatMap((name) => entryOf(before, name, listed));
  return f.send(Buffer.concat([own, ...entries]));
}

/** An error names the folder as its caller knows it. */
function namesIn(folder: Buffer, path: Buffer): Buffer[] {
  try {
    return fs.readdirSync(folder, RAW);
  } catch (error) {
    (error as NodeJS.ErrnoException).path = path.toString();
    throw error;
  }
}

function namesOf(bytes: Buffer): Buffer[] {
  const names: Buffer[] = [];
  for (let at = 0; at <= bytes.length;) {
    const end = bytes.indexOf(0, at);
    names.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length + 1 : end + 1;
  }
  return names;
}

/** What is not there has no record where it was wanted by name, and no entry in a list. */
function entryOf(before: Buffer, name: Buffer, listed: boolean): Buffer[] {
  const bytes = Buffer.alloc(ENTRY_BYTES + Math.ceil(name.length / 4) * 4);
  try {
    const stats = fs.lstatSync(Buffer.concat([before, name]), { bigint: true });
    putRecord(bytes, 0, stats);
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno !== ENOENT && errno !== ENAMETOOLONG) throw error;
    if (listed) return [];
  }
  bytes.writeUInt32LE(name.length, RECORD_BYTES);
  bytes.set(name, ENTRY_BYTES);
  return [bytes];
}

function putRecord(to: Buffer, at: number, stats: fs.BigIntStats): void {
  const folder = stats.isDirectory();
  const owner = (stats.uid * OWNER_PRIME + stats.gid) & 0xffffn;
  to.writeBigUInt64LE(stats.ino, at);
  to.writeBigInt64LE(folder ? stats.birthtimeNs : stats.mtimeNs, at + 8);
  to.writeBigUInt64LE(folder ? 0n : stats.size, at + 16);
  to.writeUInt32LE(Number(stats.mode | (owner << 16n)), at + MODE_AT);
}
