// Arguments of libeio's calls: what JavaScript gives, checked, and put into a register of a request. What
// only the system can refuse (a descriptor that is not open, a folder that is not there) is no error here.
import { fileURLToPath } from "node:url";
import type { Register } from "../../ops/kinds.ts";
import type { Request } from "../../request/request.ts";
import { acceptFlags, acceptPath } from "../arguments.ts";
import {
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from "../argument-errors.ts";
import { hasDescriptor, held } from "../handles/descriptor.ts";
import { retainBoth } from "../handles/retained.ts";
import { OFFSET_MAX, OFFSET_MIN, putWide } from "../../request/wide.ts";
import { UINT32_MAX, bytesOf, integer } from "../sys/check.ts";
import { start } from "../working-directories/start.ts";
import type { WorkingDirectory } from "../working-directories/working-directory.ts";
import { EIO_INVALID_WD } from "./constants.ts";
import type { EioWd } from "./request.ts";

const INT32_MIN = -0x80000000;
const EBADF = -9;
const ENOENT = -2;
/** Seconds from which on no date is one. */
const SECONDS_MAX = 8.64e12;

/** How a kind of argument is checked, and its type in TypeScript. */
interface Kind {
  readonly type: string;
  /** Puts it into the register; returns 0, or the errno with which the request ends. */
  put(request: Request, to: Register, name: string, value: unknown): number;
}

type NumberRegister = Exclude<Register, "path" | "path2" | "data" | "buffers">;
const set = (request: Request, to: Register, value: number): number => {
  request[to as NumberRegister] = value;
  return 0;
};

const numbers = (
  type: string,
  read: (name: string, value: unknown) => number,
): Kind => ({
  type,
  put: (request, to, name, value) => set(request, to, read(name, value)),
});

/** From 2^53 on it comes as a bigint, and is exact all the same. */
const wide = (
  type: string,
  near: (name: string, value: unknown) => unknown,
): Kind => ({
  type,
  put(request, to, name, value) {
    if (typeof value === "bigint" && !isSafe(value)) {
      if (value < OFFSET_MIN || value > OFFSET_MAX)
        throw outOfRange(name, `>= ${OFFSET_MIN} && <= ${OFFSET_MAX}`, value);
      putWide(request, to as "position" | "a" | "b", value);
      return 0;
    }
    const given = near(name, value);
    return set(request, to, bytesOf(name, given, Number.MIN_SAFE_INTEGER));
  },
});

const isSafe = (value: bigint): boolean =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;

const readPlace = (name: string, value: unknown): number =>
  value === null || value === undefined
    ? -1
    : Math.max(-1, bytesOf(name, value, Number.MIN_SAFE_INTEGER));

export const isWd = (value: unknown): value is EioWd | null =>
  value === null ||
  value === EIO_INVALID_WD ||
  (typeof value === "object" && start in value);

function readPath(name: string, value: unknown): string | Uint8Array {
  const path = acceptPath(value);
  if (path !== null) return path;
  if (typeof value === "string" || value instanceof Uint8Array)
    throw invalidArgValue(name, value, "must be without null bytes");
  if (value instanceof URL) return fileURLToPath(value);
  throw invalidArgType(
    name,
    "of type string, an instance of Buffer or URL, or [wd, path]",
    value,
  );
}

const path: Kind = {
  type: "EioPath",
  put(request, to, name, value) {
    let wd: unknown = undefined;
    if (Array.isArray(value)) {
      const [given, ...rest] = value as unknown[];
      if (rest.length !== 1 || !isWd(given))
        throw invalidArgType(name, "a path, or [wd, path]", value);
      wd = given;
      [value] = rest;
    }
    request[to as "path" | "path2"] = readPath(name, value);
    return wd === undefined ? 0 : putWd(request, to, wd as EioWd | null);
  },
};

/** Where a path starts; returns the errno of one that starts nowhere. */
export function putWd(
  request: Request,
  to: Register,
  wd: EioWd | null,
): number {
  if (wd === null) return 0;
  if (!isWd(wd)) throw invalidArgType("options.wd", "a working directory", wd);
  const { fd, [start]: folder } = wd as WorkingDirectory;
  // One that was closed is none.
  if (folder === undefined || (fd === -1 && folder.prefix === null))
    return ENOENT;
  request[to === "path2" ? "wd2" : "wd"] = folder;
  request.owner = retainBoth(request.owner, folder);
  return 0;
}

const fd: Kind = {
  type: "EioFd",
  put(request, to, name, value) {
    if (hasDescriptor(value)) {
      const { fd, owner } = value[held];
      set(request, to, fd);
      request.owner = retainBoth(request.owner, owner);
      return fd === -1 ? EBADF : 0;
    }
    if (typeof value !== "number")
      throw invalidArgType(
        name,
        "of type number or an instance of FileHandle",
        value,
      );
    const number = integer(name, value, INT32_MIN, 0x7fffffff);
    set(request, to, number);
    return number < 0 ? EBADF : 0;
  },
};

function readSeconds(name: string, value: unknown): number {
  if (value instanceof Date) value = value.getTime() / 1000;
  if (typeof value !== "number")
    throw invalidArgType(name, "of type number or an instance of Date", value);
  if (!(Math.abs(value) <= SECONDS_MAX))
    throw outOfRange(name, "seconds since 1970", value);
  return value;
}

function readFlags(name: string, value: unknown): number {
  if (typeof value !== "string" && typeof value !== "number")
    throw invalidArgType(name, "of type number or string", value);
  const flags = acceptFlags(value);
  if (Number.isNaN(flags)) throw invalidArgValue(name, value, "is invalid");
  return flags;
}

export const readBuffer = (name: string, value: unknown): Uint8Array => {
  if (!ArrayBuffer.isView(value))
    throw invalidArgType(
      name,
      "an instance of Buffer, TypedArray, or DataView",
      value,
    );
  const { buffer, byteOffset, byteLength } = value;
  return value instanceof Uint8Array
    ? value
    : new Uint8Array(buffer, byteOffset, byteLength);
};

/** What a symbolic link is to say: it starts nowhere. */
const target: Kind = {
  type: "EioPlainPath",
  put(request, to, name, value) {
    request[to as "path" | "path2"] = readPath(name, value);
    return 0;
  },
};

export const kinds = {
  path,
  target,
  fd,
  /** A descriptor that travels as a number. */
  fd2: fd,
  openFlags: numbers("number | string", readFlags),
  int: numbers("number", (name, value) =>
    integer(name, value, INT32_MIN, UINT32_MAX),
  ),
  /** Bits, all of them as -1. */
  uint: numbers(
    "number",
    (name, value) => integer(name, value, INT32_MIN, UINT32_MAX) >>> 0,
  ),
  /** -1 leaves it as it is. */
  id: numbers("number", (name, value) => integer(name, value, -1, UINT32_MAX)),
  /** Where libeio takes a number that may be below 0. */
  offset: numbers("number | bigint", (name, value) =>
    bytesOf(name, value, Number.MIN_SAFE_INTEGER),
  ),
  /** The same with all of its 64 bits. */
  wideOffset: wide("number | bigint", (_name, value) => value),
  /** null, or below 0, is the descriptor's own position. */
  place: numbers("number | bigint | null", readPlace),
  /** The same with all of its 64 bits. */
  widePlace: wide("number | bigint | null", readPlace),
  length: numbers("number | bigint", (name, value) => bytesOf(name, value)),
  /** null is all of the buffer in front of it: -1. */
  wholeLength: numbers("number | bigint | null", (name, value) =>
    value === null || value === undefined ? -1 : bytesOf(name, value),
  ),
  seconds: numbers("number | Date", readSeconds),
  wd: {
    type: "WorkingDirectory",
    put: () => 0,
  },
  text: {
    type: "string | Uint8Array",
    put: () => 0,
  },
  /** Of fcntl and ioctl: a number, or the caller's own memory. */
  argument: {
    type: "number | NodeJS.ArrayBufferView",
    put(request, to, name, value) {
      if (typeof value !== "number") request.data = readBuffer(name, value);
      // No wider: a number as large as an address is not for the kernel to follow.
      else set(request, to, integer(name, value, INT32_MIN, 0x7fffffff));
      return 0;
    },
  },
  execute: {
    type: "EioExecute",
    put: () => 0,
  },
  /** null: one that is made, of the length that is given. */
  room: {
    type: "NodeJS.ArrayBufferView | null",
    put(request, _to, name, value) {
      if (value !== null) request.data = readBuffer(name, value);
      return 0;
    },
  },
  /** null: a null pointer, which the request ends with. */
  source: {
    type: "NodeJS.ArrayBufferView | null",
    put(request, _to, name, value) {
      if (value !== null) request.data = readBuffer(name, value);
      return 0;
    },
  },
  buffer: {
    type: "NodeJS.ArrayBufferView",
    put(request, _to, name, value) {
      request.data = readBuffer(name, value);
      return 0;
    },
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
