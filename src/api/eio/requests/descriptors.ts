// libeio's requests on open files, but for the transfers (transfers.ts). It knows operands and results, not how a
// request is submitted.
import type { Stats } from "node:fs";
import { firstDouble, type Decode } from "../../../request/results.ts";
import { TimeForm } from "../../../request/layout.ts";
import type { Request } from "../../../request/request.ts";
import { statsFrom, statsNumbers } from "../../files/stats.ts";
import { plain } from "../declare.ts";
import type { EioRequest, End } from "../request.ts";
import { decodeStatvfs } from "../statvfs.ts";

const EINVAL = -22;
/** From 2^53 on exact as well, as a bigint. */
export const decodePosition: Decode = (memory, slot) => {
  const at = firstDouble(slot);
  const position = memory.doubles[at]!;
  return Number.isSafeInteger(position) ? position : memory.bigints[at + 1];
};

/** The value is what was decoded, and the result is 0. */
export const valueOnly: End = (req, { value }) => {
  req.value = value;
  req.result = 0;
};

const makeStats = (numbers: ArrayLike<number>): Stats => statsFrom(numbers, 0);

/** The value is Stats, made when they are read: a callback that only wants to know that a file is there has none made. */
export const described = {
  value: "Stats",
  decode: statsNumbers,
  end: (req: EioRequest, { value }: Request): void => {
    req.keep(value as readonly number[], makeStats);
    req.result = 0;
  },
};

const fd = ["fd", "fd"] as const;

export const descriptorRequests = {
  close: plain("close", [fd]),
  dup2: plain("dup2", [fd, ["fd2", "fd2"]]),
  seek: plain("seek", [fd, ["offset", "wideOffset"], ["whence", "int"]], {
    about:
      "Moves the position, also to the next data or hole. The result is 0; the new position is `offs`, and `value`, which from 2^53 on is a bigint.",
    value: "number | bigint",
    decode: decodePosition,
    end: (req, { value }) => {
      req.offs = Number(value);
      req.value = value;
      req.result = 0;
    },
  }),
  readahead: plain(
    "readahead",
    [fd, ["offset", "wideOffset"], ["length", "length"]],
    {
      complete(request) {
        // In front of a file there is nothing to read.
        request.position = Math.max(0, request.position);
        return 0;
      },
    },
  ),
  fstat: plain("fstat", [fd], {
    ...described,
    about: "Describes an open file: `value` is the Stats.",
  }),
  fstatvfs: plain("fstatvfs", [fd], {
    value: "EioStatvfs",
    decode: decodeStatvfs,
    end: valueOnly,
  }),
  futime: plain("futimes", [fd, ["atime", "seconds"], ["mtime", "seconds"]], {
    about: "Sets the times of an open file; -1 for both is now.",
    complete: times,
  }),
  ftruncate: plain("ftruncate", [fd, ["offset", "wideOffset"]], {
    complete: ({ a }) => (a < 0 ? EINVAL : 0),
  }),
  fchmod: plain("fchmod", [fd, ["mode", "uint"]]),
  fchown: plain("fchown", [fd, ["uid", "id"], ["gid", "id"]]),

  sync: plain("sync", []),
  fsync: plain("fsync", [fd]),
  fdatasync: plain("fdatasync", [fd]),
  syncfs: plain("syncfs", [fd]),
  sync_file_range: plain(
    "syncFileRange",
    [fd, ["offset", "wideOffset"], ["nbytes", "length"], ["flags", "uint"]],
    { complete: notBelowZero },
  ),
  fallocate: plain(
    "fallocate",
    [fd, ["mode", "uint"], ["offset", "wideOffset"], ["len", "wideOffset"]],
    {
      order: ["fd", "a", "position", "b"],
      complete: ({ position, b }) => (position < 0 || b <= 0 ? EINVAL : 0),
    },
  ),
};

/** A slot's position below 0 means the descriptor's own, which these calls do not use. */
function notBelowZero({ position }: { position: number }): number {
  return position < 0 ? EINVAL : 0;
}

/**
 * libeio: both times -1 are the time at which it is done, which who may only write to the file may set, too. Otherwise
 * they are kept to the nanosecond, where Node cuts them.
 */
export function times(request: { a: number; b: number; c: number }): number {
  const now = request.a === -1 && request.b === -1;
  request.c = now ? TimeForm.now : TimeForm.exact;
  return 0;
}
