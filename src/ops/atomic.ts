// An atomic write as its steps, in the order that keeps what was promised, and the names of the files that
// are written beside their target. It knows neither who takes the steps nor where the data comes from.
//
//   resolve     the target: links are followed, also one that leads to nothing yet, as open does
//   openFolder  (durable) what cannot be synced afterwards fails here, with nothing changed
//   stat        what is replaced: whose it is and what its mode is; a device, a FIFO or a socket is not
//   create      O_EXCL, for nobody but the owner; a new file of no given mode gets what open gives it
//   fchown      ┐ before the first byte, on the descriptor: nobody reads in the temporary file what
//   fchmod      ┘ he could not read in the file that it replaces, nor after a crash
//   write       everything, through the descriptor of the creation
//   fchmod      (set-id bits alone) a write takes them away
//   fsync       (durable) still through that descriptor: another one can miss an earlier error
//   close
//   rename      from here on the file is the new one; before it, the temporary file is removed
//   fsync       (durable) of the folder, through the descriptor of the second step
import { isAbsolute } from "node:path";
import { builtin } from "../util/builtin.ts";
import { stepsOf, type Steps } from "./steps.ts";

/** The mode of the file that is replaced, or of a new one. */
export const KEEP_MODE = -1;
const NEW_MODE = 0o666;
const OWNER_ONLY = 0o600;
const MODE_BITS = 0o7777;
const SET_ID_BITS = 0o6000;
const TYPE_BITS = 0o170000;
const FILE_TYPE = 0o100000;
const FOLDER_TYPE = 0o040000;
const LINKS_MAX = 40;
const SLASH = 0x2f;

export interface AtomicStats {
  mode: number;
  uid: number;
  gid: number;
}

/** What each step takes, and its outcome; all throw. Paths are bytes, and absolute once resolved. */
export interface AtomicSteps {
  realpath(path: Buffer): Buffer;
  readlink(path: Buffer): Buffer;
  stat(path: Buffer): AtomicStats;
  openFolder(path: Buffer): number;
  /** O_WRONLY | O_CREAT | O_EXCL */
  create(path: Buffer, mode: number): number;
  fstat(fd: number): AtomicStats;
  fchown(fd: number, uid: number, gid: number): void;
  fchmod(fd: number, mode: number): void;
  write(fd: number): void;
  fsync(fd: number): void;
  close(fd: number): void;
  /** Not when the caller has given up meanwhile: then it throws. */
  rename(from: Buffer, to: Buffer): void;
  unlink(path: Buffer): void;
  /** Throws it, as one of the system's. */
  refuse(error: NodeJS.ErrnoException): void;
}

export interface AtomicWrite {
  path: Buffer;
  /** Only its last part counts: it is made beside what the path leads to. */
  temporary: Buffer;
  /** The mode of the file, whatever the umask, or KEEP_MODE. */
  mode: number;
  durable: boolean;
  /** The folder's own fsync is left to the caller, who has one for several writes. */
  sharesSync: boolean;
}

const take = stepsOf<AtomicSteps>();

/** The folder of the file, with its slash at the end. */
export function* atomicSteps(write: AtomicWrite): Steps<Buffer> {
  const { durable, sharesSync } = write;
  const target = yield* resolve(write.path);
  const folder = folderOf(target);
  const synced = durable ? yield* take("openFolder", folder) : -1;
  try {
    const temporary = Buffer.concat([folder, nameOf(write.temporary)]);
    yield* replace(write, target, temporary);
    if (durable && !sharesSync) yield* take("fsync", synced);
  } finally {
    if (durable) yield* take("close", synced);
  }
  return folder;
}

/** The temporary file is gone at the end, whatever happened. */
function* replace(
  write: AtomicWrite,
  target: Buffer,
  temporary: Buffer,
): Steps {
  const before = yield* orNull(take("stat", target));
  if (before !== null && isSpecial(before)) yield* take("refuse", refusal());
  const fresh = before === null && write.mode === KEEP_MODE;
  const given = write.mode === KEEP_MODE ? before?.mode : write.mode;
  const mode = (given ?? NEW_MODE) & MODE_BITS;
  const fd = yield* take(
    "create",
    temporary,
    fresh ? NEW_MODE : mode & OWNER_ONLY,
  );
  let beside = true;
  try {
    try {
      const final = yield* guard(fd, before, mode, write.mode === KEEP_MODE);
      yield* take("write", fd);
      if ((final & SET_ID_BITS) !== 0) yield* take("fchmod", fd, final);
      if (write.durable) yield* take("fsync", fd);
    } finally {
      yield* take("close", fd);
    }
    yield* take("rename", temporary, target);
    beside = false;
  } finally {
    if (beside) yield* orNull(take("unlink", temporary));
  }
}

/** What others know by its name (/dev/null) would be a file from then on. A folder the rename refuses in its own words. */
function isSpecial({ mode }: AtomicStats): boolean {
  const type = mode & TYPE_BITS;
  return type !== 0 && type !== FILE_TYPE && type !== FOLDER_TYPE;
}

function refusal(): NodeJS.ErrnoException {
  const { EINVAL } = builtin("node:os").constants.errno;
  return Object.assign(new Error("EINVAL: invalid argument, rename"), {
    ...{ code: "EINVAL", errno: -EINVAL, syscall: "rename" },
  });
}

/** Owner and mode of the file that is to be, as far as they may be given; the mode. */
function* guard(
  fd: number,
  before: AtomicStats | null,
  mode: number,
  keeps: boolean,
): Steps<number> {
  if (before === null && keeps) return 0;
  let final = mode;
  if (before !== null) {
    const own = yield* take("fstat", fd);
    const { uid, gid } = before;
    const whole =
      (own.uid === uid && own.gid === gid) || (yield* given(fd, uid, gid));
    const group = whole || own.gid === gid || (yield* given(fd, -1, gid));
    if (keeps && !whole) final &= ~SET_ID_BITS;
    // Another group may do no more than anybody.
    if (keeps && !group) final = (final & ~0o070) | ((final & 0o007) << 3);
  }
  yield* take("fchmod", fd, final);
  return final;
}

/** False: that owner is not ours to give. */
function* given(fd: number, uid: number, gid: number): Steps<boolean> {
  try {
    yield* take("fchown", fd, uid, gid);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "EINVAL") throw error;
    return false;
  }
}

/** A link stays, and what it leads to is replaced, or made. */
function* resolve(path: Buffer): Steps<Buffer> {
  for (let links = 0; links < LINKS_MAX; links++) {
    const found = yield* orNull(take("realpath", path));
    if (found !== null) return found;
    const above = yield* take("realpath", folderOf(path));
    const folder = above.at(-1) === SLASH ? above : slashed(above);
    const target = Buffer.concat([folder, nameOf(path)]);
    const led = yield* leadsTo(target);
    if (led === null) return target;
    path = isAbsolute(led.toString("latin1"))
      ? led
      : Buffer.concat([folder, led]);
  }
  // A loop: realpath says so in its own words.
  return yield* take("realpath", path);
}

/** null: it is no link, be it that there is nothing. */
function* leadsTo(path: Buffer): Steps<Buffer | null> {
  try {
    return yield* take("readlink", path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EINVAL" && code !== "UNKNOWN")
      throw error;
    return null;
  }
}

function* orNull<T>(step: Steps<T>): Steps<T | null> {
  try {
    return yield* step;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return null;
  }
}

const slashed = (folder: Buffer): Buffer =>
  Buffer.concat([folder, Buffer.from("/")]);

/** With its slash at the end; "./" of a name alone. */
export function folderOf(path: Buffer): Buffer {
  const slash = path.lastIndexOf(SLASH);
  return slash === -1 ? Buffer.from("./") : path.subarray(0, slash + 1);
}

const nameOf = (path: Buffer): Buffer =>
  path.subarray(path.lastIndexOf(SLASH) + 1);

/** To find the target is a part of opening it, as writeFile reports it. */
export const syscallOf = (syscall: string): string =>
  syscall === "realpath" || syscall === "readlink" ? "open" : syscall;

/** The thread that writes a file. */
export interface Writer {
  /** Within what the numbers of processes mean something, and only since it was started. */
  host: string;
  pid: string;
  tid: string;
  /** When the thread began: numbers are used again. */
  start: string;
}

export const temporaryName = (
  { host, pid, tid, start }: Writer,
  random: string,
): string => `.eio-${host}-${pid}-${tid}-${start}-${random}.tmp`;

const NAME = /^\.eio-([0-9a-f]+)-(\d+)-(\d+)-(\d+)-[0-9a-f]+\.tmp$/;

/** null: no name of a temporary file. */
export function writerOf(name: string): Writer | null {
  const [, host, pid, tid, start] = NAME.exec(name) ?? [];
  return start === undefined
    ? null
    : { host: host!, pid: pid!, tid: tid!, start };
}
