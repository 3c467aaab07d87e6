// One line per op: the synchronous call that does it. A missing op is a compile error naming it.
// Failures are thrown as Node's sync functions throw them; worker.ts turns them into results.
import fs from "node:fs";
import type { OpName } from "../src/ops/table.ts";
import { TimeForm } from "../src/request/layout.ts";
import { spewAtomic, syncPath } from "./atomic.ts";
import { callCustom } from "./custom.ts";
import type { Frame } from "./frame.ts";
import { listFolder, openFolder } from "./folders.ts";
import { readBlock, slurp, slurpFd, spew, truncate } from "./files.ts";
import { putStatfs, putStats, statMany } from "./stats.ts";
import { copyDigest } from "./copy-digest.ts";
import { copyTree } from "./copy-tree.ts";
import { cpfile } from "./copy-with-times.ts";
import { makeFolders } from "./make-folders.ts";
import { removeTree } from "./remove-tree.ts";
import { survey } from "./survey.ts";
import { executeSys } from "./sys.ts";

const ENOSYS = -38;
const RAW = { encoding: "buffer" } as const;
const nothing = (_: void): number => 0;
/** A number below 0 means "now" to Node's functions; as a text it means what it says, to the last digit. */
const time = (seconds: number): number | string =>
  seconds < 0 ? String(seconds) : seconds;
const times = ({ a, b, c }: Frame): [fs.TimeLike, fs.TimeLike] =>
  c === TimeForm.now ? [new Date(), new Date()] : [time(a), time(b)];

const waiting = new Int32Array(new SharedArrayBuffer(4));

/** What an op leaves behind: its number, or a promise of it (custom functions). */
export type Outcome = number | Promise<number>;
type Executor = (f: Frame) => Outcome;

export const execute = {
  nop: () => 0,
  busy: (f) => (Atomics.wait(waiting, 0, 0, f.a), 0),
  custom: (f) => callCustom(f),

  open: (f) => f.fs.openSync(f.path, f.a, f.b),
  close: (f) => nothing(fs.closeSync(f.fd)),
  read: (f) =>
    fs.readSync(f.fd, f.bytes, f.dataOffset, f.dataBytes, f.position),
  write: (f) =>
    fs.writeSync(f.fd, f.bytes, f.dataOffset, f.dataBytes, f.position),
  // Only native code reaches memory that is not shared; nobody else is given this.
  writev: () => ENOSYS,
  readBlock,
  fstat: (f) =>
    putStats(
      f,
      f.a ? fs.fstatSync(f.fd, { bigint: true }) : fs.fstatSync(f.fd),
    ),
  ftruncate: (f) => nothing(fs.ftruncateSync(f.fd, f.a)),
  fsync: (f) => nothing(fs.fsyncSync(f.fd)),
  fdatasync: (f) => nothing(fs.fdatasyncSync(f.fd)),
  fchmod: (f) => nothing(fs.fchmodSync(f.fd, f.a)),
  fchown: (f) => nothing(fs.fchownSync(f.fd, f.a, f.b)),
  futimes: (f) => nothing(fs.futimesSync(f.fd, ...times(f))),

  stat: (f) =>
    putStats(
      f,
      f.a ? f.fs.statSync(f.path, { bigint: true }) : f.fs.statSync(f.path),
    ),
  lstat: (f) =>
    putStats(
      f,
      f.a ? f.fs.lstatSync(f.path, { bigint: true }) : f.fs.lstatSync(f.path),
    ),
  statfs: (f) =>
    putStatfs(
      f,
      f.a ? f.fs.statfsSync(f.path, { bigint: true }) : f.fs.statfsSync(f.path),
    ),
  access: (f) => nothing(f.fs.accessSync(f.path, f.a)),
  chmod: (f) => nothing(f.fs.chmodSync(f.path, f.a)),
  lchmod: (f) => nothing(f.fs.lchmodSync(f.path, f.a)),
  chown: (f) => nothing(f.fs.chownSync(f.path, f.a, f.b)),
  lchown: (f) => nothing(f.fs.lchownSync(f.path, f.a, f.b)),
  utimes: (f) => nothing(f.fs.utimesSync(f.path, ...times(f))),
  lutimes: (f) => nothing(f.fs.lutimesSync(f.path, ...times(f))),
  link: (f) => nothing(f.fs.linkSync(f.path, f.path2)),
  symlink: (f) => nothing(f.fs.symlinkSync(f.path, f.path2, LINK_TYPES[f.a])),
  readlink: (f) => f.send(f.fs.readlinkSync(f.path, RAW)),
  rename: (f) => nothing(f.fs.renameSync(f.path, f.path2)),
  unlink: (f) => nothing(f.fs.unlinkSync(f.path)),
  rmdir: (f) => nothing(f.fs.rmdirSync(f.path)),
  mkdir: (f) => nothing(f.fs.mkdirSync(f.path, f.a)),
  copyFile: (f) => nothing(f.fs.copyFileSync(f.path, f.path2, f.a)),
  mkdtemp: (f) => f.send(f.fs.mkdtempSync(f.path as unknown as string, RAW)),
  realpath: (f) => f.send(f.fs.realpathSync.native(f.path, RAW)),

  slurp,
  slurpFd,
  spew,
  truncate,
  scandir: listFolder,
  opendir: openFolder,
  mkdirp: (f) => {
    const first = makeFolders(f);
    return first === undefined ? (f.setOutBytes(-1), 0) : f.text(first);
  },
  rmtree: removeTree,
  cptree: copyTree,
  cpfile,
  realpathWalk: (f) => f.send(f.fs.realpathSync(f.path, RAW)),
  statMany,
  spewAtomic,
  syncPath,
  survey,
  copyDigest,

  ...executeSys,
} satisfies Record<OpName, Executor>;

/** Windows' kinds of links, by the number that travels. */
export const LINK_TYPES = [undefined, "dir", "file", "junction"] as const;
