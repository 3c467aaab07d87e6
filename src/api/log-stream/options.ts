// The options of a log stream, checked: sonic-boom's names and defaults. It does not know what they do.
import type nodeFs from "node:fs";
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";

/** The functions of an instance that a log stream calls. */
export type LogFs = Pick<
  typeof nodeFs,
  | "close"
  | "fsync"
  | "fsyncSync"
  | "mkdir"
  | "mkdirSync"
  | "open"
  | "openSync"
  | "write"
  | "writeSync"
>;

export interface LogStreamOptions {
  /** A descriptor, or a file's path; `dest` is another name for this option. */
  fd?: number | string | undefined;
  dest?: number | string | undefined;
  /** Fewer bytes than this wait for more, or for flush(). */
  minLength?: number | undefined;
  /** Maximum number of waiting bytes; data beyond it is dropped. 0: no limit. */
  maxLength?: number | undefined;
  /** Maximum number of bytes of a single write. */
  maxWrite?: number | undefined;
  /** Interval in milliseconds at which waiting data is written; 0: none. */
  periodicFlush?: number | undefined;
  /** Writes everything on the thread of the loop, inside write(). */
  sync?: boolean | undefined;
  /** Syncs after each write. */
  fsync?: boolean | undefined;
  append?: boolean | undefined;
  mode?: number | string | undefined;
  /** Creates the folder of the file. */
  mkdir?: boolean | undefined;
  contentMode?: "utf8" | "buffer" | undefined;
  /** Returns whether to try again when the destination accepts nothing now. */
  retryEAGAIN?:
    | ((error: Error, writeBytes: number, remainingBytes: number) => boolean)
    | undefined;
  /** Maximum number of consecutive tries; 0: no limit. */
  maxWriteRetries?: number | undefined;
  /** The instance that writes. Default: the shared one. */
  eio?: { readonly fs: LogFs } | undefined;
}

const MAX_WRITE_BYTES = 16_384;

export function readLogStreamOptions(given: LogStreamOptions = {}) {
  const { contentMode = "utf8" } = given;
  const target = given.fd ?? given.dest;
  const minLength = given.minLength ?? 0;
  const maxWrite = given.maxWrite || MAX_WRITE_BYTES;
  check("contentMode", contentMode, "utf8 or buffer", (value) =>
    ["utf8", "buffer"].includes(value as string),
  );
  check("fd", target, "a descriptor or a path", (value) =>
    ["number", "string"].includes(typeof value),
  );
  check(
    "minLength",
    minLength,
    `less than maxWrite (${maxWrite})`,
    (value) => Number(value) < maxWrite,
  );
  return {
    target: target as number | string,
    minLength,
    maxWrite,
    contentMode,
    maxLength: given.maxLength ?? 0,
    periodicFlush: given.periodicFlush ?? 0,
    sync: given.sync ?? false,
    fsync: given.fsync ?? false,
    append: given.append ?? true,
    mode: given.mode,
    mkdir: given.mkdir ?? false,
    retryEAGAIN: given.retryEAGAIN ?? (() => true),
    maxWriteRetries: given.maxWriteRetries ?? 0,
  };
}

function check(
  name: string,
  value: unknown,
  want: string,
  isRight: (value: unknown) => boolean,
): void {
  if (!isRight(value))
    throw misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(value));
}
