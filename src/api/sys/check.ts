// Arguments of eio.sys, checked as Node checks its own: by type, then by range. It knows what a
// value may be, not what it is for.
import { fileURLToPath } from "node:url";
import type { Owner } from "../../request/request.ts";
import { acceptPath, type PathLike } from "../arguments.ts";
import {
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from "../argument-errors.ts";
import { hasDescriptor, held } from "../handles/descriptor.ts";
import { fileClosed } from "../handles/errors.ts";
import type { FileHandle } from "../types.ts";
import {
  start,
  startOf,
  type HasStart,
  type Start,
} from "../working-directories/start.ts";

/** An open file: a FileHandle of ours, or a descriptor. */
export type Target = FileHandle | number;
/** Where paths start: an open folder, or a working directory. */
export type FolderTarget = Target | HasStart;
export type { PathLike };

export const INT32_MAX = 0x7fffffff;
export const UINT32_MAX = 0xffffffff;
/** The descriptor of whoever has none: a path then starts in the process's own folder. */
export const NO_FD = -1;

export function integer(
  name: string,
  value: unknown,
  min: number,
  max: number,
): number {
  if (typeof value !== "number")
    throw invalidArgType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max)
    throw outOfRange(name, `>= ${min} && <= ${max}`, value);
  return value;
}

export const flagsOf = (name: string, value: unknown): number =>
  integer(name, value, 0, UINT32_MAX);

/** A place in a file, or a number of bytes: also as a bigint, as far as a number is exact. */
export function bytesOf(name: string, value: unknown, min = 0): number {
  if (typeof value !== "bigint")
    return integer(name, value, min, Number.MAX_SAFE_INTEGER);
  if (value < min || value > Number.MAX_SAFE_INTEGER)
    throw outOfRange(name, `>= ${min} && <= ${Number.MAX_SAFE_INTEGER}`, value);
  return Number(value);
}

/** null is the descriptor's own position: -1, as in a slot. */
export const placeOf = (name: string, value: unknown): number =>
  value === null || value === undefined ? -1 : bytesOf(name, value);

export function optionsOf<T extends object>(
  options: T | undefined,
): Partial<T> {
  if (options === undefined || options === null) return {};
  if (typeof options !== "object")
    throw invalidArgType("options", "of type object", options);
  return options;
}

/** A descriptor, and who must not close it meanwhile. */
export interface Descriptor {
  fd: number;
  owner: Owner | null;
}

/** `call` is what Node names in the error of a handle that was closed. */
export function descriptorOf(
  name: string,
  target: unknown,
  call: string,
): Descriptor {
  if (hasDescriptor(target)) {
    const { fd, owner } = target[held];
    if (fd === -1) throw fileClosed(call, target[held]);
    return { fd, owner };
  }
  if (typeof target !== "number")
    throw invalidArgType(
      name,
      "of type number or an instance of FileHandle",
      target,
    );
  return { fd: integer(name, target, 0, INT32_MAX), owner: null };
}

export const isTarget = (value: unknown): value is Target =>
  typeof value === "number" || hasDescriptor(value);

/** The folder that a path starts from: a descriptor, or a working directory with its limits. */
export interface FolderOf extends Descriptor {
  wd: Start | null;
}

export function folderOf(
  name: string,
  folder: unknown,
  call: string,
): FolderOf {
  if (folder === undefined || folder === null)
    return { fd: NO_FD, owner: null, wd: null };
  if (typeof folder !== "object" || !(start in folder))
    return { ...descriptorOf(name, folder, call), wd: null };
  const wd = startOf(name, folder)!;
  return { fd: NO_FD, owner: wd, wd };
}

export function pathOf(name: string, value: unknown): string | Uint8Array {
  const path = acceptPath(value);
  if (path !== null) return path;
  if (typeof value === "string" || value instanceof Uint8Array)
    throw invalidArgValue(
      name,
      value,
      "must be a string, Uint8Array, or URL without null bytes",
    );
  // Of another scheme, or with an encoded slash: Node says so itself.
  if (value instanceof URL && !fileURLToPath(value).includes("\0"))
    return fileURLToPath(value);
  throw invalidArgType(
    name,
    "of type string or an instance of Buffer or URL",
    value,
  );
}
