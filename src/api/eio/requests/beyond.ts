// What libeio's author left on his list, and IO::AIO's system calls: statx, splice, tee, copies inside the kernel,
// renames with flags, extents, fcntl and ioctl. The system calls themselves are src/api/sys's.
import { decodeBytes } from "../../../request/results.ts";
import type { Request } from "../../../request/request.ts";
import { bufferOver } from "../../encoding.ts";
import { outOfRange } from "../../argument-errors.ts";
import { extentsOf } from "../../sys/fiemap.ts";
import { STATX_EVERYTHING, decodeStatx } from "../../sys/statx.ts";
import { plain } from "../declare.ts";
import type { End } from "../request.ts";
import { atFolder, itself } from "./at.ts";
import { valueOnly } from "./descriptors.ts";

const EINVAL = -22;
const path = ["path", "path"] as const;
const fd = ["fd", "fd"] as const;
const flags = ["flags", "uint"] as const;
const length = ["length", "length"] as const;

const statx = {
  value: "Statx",
  decode: decodeStatx(false),
  end: valueOnly,
  complete(request: Request): number {
    if (request.b === 0) request.b = STATX_EVERYTHING;
    return 0;
  },
};

/** Extents of one request, and what each takes: four doubles. */
const EXTENTS_MAX = 32768;
const EXTENT_BYTES = 32;
/** How much an ioctl reads or writes, as its number says. */
const ioctlBytes = (request: number): number => (request >>> 16) & 0x3fff;

const control = [fd, ["command", "uint"], ["argument", "argument"]] as const;
const value = "number";
const resultValue: End = (req, { result }) => {
  req.value = result;
};

export const beyondRequests = {
  statx: plain("statx", [path, flags, ["mask", "uint"]], {
    ...statx,
    about:
      "Describes a file in full (birth time, mount, alignment): `value` is the Statx. A mask of 0 asks for everything.",
    order: ["path", "a", "b"],
    complete(request) {
      atFolder(request, "wd", "path", "fd", "statx");
      return statx.complete(request);
    },
  }),
  fstatx: plain("fstatx", [fd, flags, ["mask", "uint"]], statx),
  splice: plain(
    "splice",
    [
      ["in_fd", "fd"],
      ["in_offset", "place"],
      ["out_fd", "fd2"],
      ["out_offset", "place"],
      length,
      flags,
    ],
    { order: ["fd", "position", "a", "b", "c", "d"] },
  ),
  tee: plain("tee", [["in_fd", "fd"], ["out_fd", "fd2"], length, flags]),
  copy_file_range: plain(
    "copyFileRange",
    [
      ["in_fd", "fd"],
      ["in_offset", "place"],
      ["out_fd", "fd2"],
      ["out_offset", "place"],
      length,
      flags,
    ],
    {
      order: ["fd", "position", "a", "b", "c", "d"],
      complete: ({ d }) => (d === 0 ? 0 : EINVAL),
    },
  ),
  rename2: plain("renameat2", [path, ["new_path", "path"], flags], {
    about:
      "Renames: EIO_RENAME_NOREPLACE, or EIO_RENAME_EXCHANGE for two names that change places.",
    order: ["path", "path2", "b"],
    complete(request) {
      itself(request, "wd", "path");
      atFolder(request, "wd", "path", "fd", "rename2");
      atFolder(request, "wd2", "path2", "a", "rename2");
      return 0;
    },
  }),
  fiemap: plain(
    "fiemap",
    [
      fd,
      ["start", "length"],
      ["length", "wholeLength"],
      flags,
      ["count", "wholeLength"],
    ],
    {
      about:
        "Reports where on its disk a file lies: `value` is the extents, at most `count` of them; the result is how many. A count of 0 only counts.",
      value: "Extent[]",
      order: ["fd", "position", "a", "b", "c"],
      decode: decodeBytes,
      complete(request) {
        const { a, c } = request;
        if (a === 0) return EINVAL;
        request.a = Math.max(0, a);
        request.c = 0;
        const count = c < 0 ? EXTENTS_MAX : Math.min(c, EXTENTS_MAX);
        request.room = (count === 0 ? EXTENTS_MAX : count) * EXTENT_BYTES;
        request.context = count;
        return 0;
      },
      end(req, { value, context }) {
        const all = extentsOf(bufferOver(value as Uint8Array));
        const extents = all.slice(0, context as number);
        req.value = extents;
        req.result = context === 0 ? all.length : extents.length;
      },
    },
  ),
  fcntl: plain("fcntl", control, {
    about:
      "Reads or changes the properties of a descriptor. The argument is a number, or a buffer that is read or filled where it lies.",
    value,
    end: resultValue,
  }),
  ioctl: plain("ioctl", control, {
    about:
      "Controls a device, by its own request numbers. The argument is a number, or a buffer that is read or filled where it lies.",
    value,
    end: resultValue,
    complete({ a, data }) {
      const bytes = ioctlBytes(a);
      if (data !== null && data.byteLength < bytes)
        throw outOfRange("argument.byteLength", `>= ${bytes}`, data.byteLength);
      return 0;
    },
  }),
};
