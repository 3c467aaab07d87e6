// The drop-in for node:fs/promises: the shared instance's promise functions, by name and as one. It has nothing of
// its own.
import { eio } from "./api/create.ts";
import type { EioPromises } from "./api/types.ts";

const api = eio.promises;

export default api;
export type * from "node:fs/promises";
export type {
  DisposableTempDir,
  FileHandle,
  GlobOptions,
  GlobOptionsWithTypes,
} from "./api/types.ts";
export type { RequestOptions } from "./api/request-options.ts";
export const {
  access,
  appendFile,
  chmod,
  chown,
  constants,
  copyFile,
  cp,
  lchmod,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  opendir,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  watch,
  writeFile,
} = api;
// What differs from version to version of Node's types is looked up in those of whoever compiles.
export const glob: EioPromises["glob"] = api.glob;
export const mkdtempDisposable: EioPromises["mkdtempDisposable"] =
  api.mkdtempDisposable;
