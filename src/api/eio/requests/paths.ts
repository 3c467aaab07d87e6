// libeio's requests on paths, but for folders' contents (readdir.ts). Each path may be [wd, path].
import { decodeBytes } from "../../../request/results.ts";
import { bufferOver } from "../../encoding.ts";
import { plain } from "../declare.ts";
import type { End } from "../request.ts";
import { decodeStatvfs } from "../statvfs.ts";
import { atFolder, itself } from "./at.ts";
import { described, times, valueOnly } from "./descriptors.ts";

const EINVAL = -22;
const path = ["path", "path"] as const;
const newPath = ["new_path", "path"] as const;
const mode = ["mode", "uint"] as const;

/** The value is a text, or bytes where the options say so; the result is its length in bytes. */
const textEnd: End = (req, { value }) => {
  const bytes = bufferOver(value as Uint8Array);
  req.result = bytes.byteLength;
  req.value = req.bytes ? bytes : bytes.toString();
};

const text = { value: "string | Buffer", decode: decodeBytes, end: textEnd };

export const pathRequests = {
  open: plain("open", [path, ["flags", "openFlags"], mode], {
    about: "Opens a file; the result is the descriptor.",
  }),
  stat: plain("stat", [path], {
    ...described,
    about: "Describes a file, links followed: `value` is the Stats.",
  }),
  lstat: plain("lstat", [path], {
    ...described,
    about: "Describes a file, a link itself: `value` is the Stats.",
  }),
  statvfs: plain("statvfs", [path], {
    value: "EioStatvfs",
    decode: decodeStatvfs,
    end: valueOnly,
  }),
  truncate: plain("truncate", [path, ["offset", "wideOffset"]], {
    about: "Sets the length of a file.",
    complete: ({ a }) => (a < 0 ? EINVAL : 0),
  }),
  utime: plain("utimes", [path, ["atime", "seconds"], ["mtime", "seconds"]], {
    about: "Sets the times; -1 for both is now.",
    complete: times,
  }),
  chmod: plain("chmod", [path, mode]),
  chown: plain("chown", [path, ["uid", "id"], ["gid", "id"]], {
    about: "Changes the owner; -1 leaves it.",
  }),
  mkdir: plain("mkdir", [path, mode]),
  rmdir: plain("rmdir", [path], {
    complete(request) {
      itself(request, "wd", "path");
      return 0;
    },
  }),
  unlink: plain("unlink", [path]),
  rename: plain("rename", [path, newPath], {
    complete(request) {
      itself(request, "wd", "path");
      return 0;
    },
  }),
  link: plain("link", [path, newPath]),
  symlink: plain("symlink", [
    ["target", "target"],
    ["path", "path"],
  ]),
  readlink: plain("readlink", [path], {
    ...text,
    about: "Reads where a link points: `value` is the path.",
  }),
  realpath: plain("realpath", [path], {
    ...text,
    about: "Resolves all links: `value` is the absolute path.",
  }),
  mknod: plain("mknod", [path, mode, ["dev", "length"]], {
    order: ["path", "a", "b"],
    complete(request) {
      atFolder(request, "wd", "path", "fd", "mknod");
      const device = BigInt(request.b);
      request.b = Number(
        ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n),
      );
      request.c = Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));
      return 0;
    },
  }),
};
