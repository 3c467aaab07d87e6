// The drop-in for node:fs: the shared instance's callback functions, with Node's own synchronous
// ones, classes and constants beside them. By name there is all that Node 20 to 26 have; what
// the running Node lacks and is no business of ours (a synchronous function, a class) is undefined.
import type nodeFs from "node:fs";
import { eio } from "./api/create.ts";
import type { EioFs } from "./api/types.ts";

const api = eio.fs;

export default api;
export type * from "node:fs";
// A class is a value and a type; as a value it is among the names below.
export type Dir = nodeFs.Dir;
export type Dirent<Name extends string | Buffer = string> = nodeFs.Dirent<Name>;
export type ReadStream = nodeFs.ReadStream;
export type Stats = nodeFs.Stats;
export type StatsFs = nodeFs.StatsFs;
export type WriteStream = nodeFs.WriteStream;
export type { GlobOptions, GlobOptionsWithTypes } from "./api/types.ts";
export type { RequestOptions } from "./api/request-options.ts";
export const { F_OK, R_OK, W_OK, X_OK } = api.constants;
export const {
  _toUnixTimestamp,
  Dir,
  Dirent,
  FileReadStream,
  FileWriteStream,
  ReadStream,
  Stats,
  WriteStream,
  access,
  accessSync,
  appendFile,
  appendFileSync,
  chmod,
  chmodSync,
  chown,
  chownSync,
  close,
  closeSync,
  constants,
  copyFile,
  copyFileSync,
  cp,
  cpSync,
  createReadStream,
  createWriteStream,
  exists,
  existsSync,
  fchmod,
  fchmodSync,
  fchown,
  fchownSync,
  fdatasync,
  fdatasyncSync,
  fstat,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncate,
  ftruncateSync,
  futimes,
  futimesSync,
  lchmod,
  lchmodSync,
  lchown,
  lchownSync,
  link,
  linkSync,
  lstat,
  lutimes,
  lutimesSync,
  mkdir,
  mkdirSync,
  mkdtemp,
  mkdtempSync,
  open,
  openAsBlob,
  openSync,
  opendir,
  opendirSync,
  promises,
  read,
  readFile,
  readFileSync,
  readSync,
  readdir,
  readdirSync,
  readlink,
  readlinkSync,
  readv,
  readvSync,
  realpath,
  realpathSync,
  rename,
  renameSync,
  rm,
  rmSync,
  rmdir,
  rmdirSync,
  stat,
  statfs,
  statfsSync,
  symlink,
  symlinkSync,
  truncate,
  truncateSync,
  unlink,
  unlinkSync,
  unwatchFile,
  utimes,
  utimesSync,
  watch,
  watchFile,
  write,
  writeFile,
  writeFileSync,
  writeSync,
  writev,
  writevSync,
} = api;
// What differs from version to version of Node's types is looked up in those of whoever compiles.
export const Utf8Stream: EioFs["Utf8Stream"] = api.Utf8Stream;
export const glob: EioFs["glob"] = api.glob;
export const globSync: EioFs["globSync"] = api.globSync;
export const lstatSync: EioFs["lstatSync"] = api.lstatSync;
export const mkdtempDisposableSync: EioFs["mkdtempDisposableSync"] =
  api.mkdtempDisposableSync;
export const openAsBlobSync: EioFs["openAsBlobSync"] = api.openAsBlobSync;
export const statSync: EioFs["statSync"] = api.statSync;
/** In Node's types it is a class, and in its module it is not there. */
export declare const StatsFs: typeof nodeFs.StatsFs;
