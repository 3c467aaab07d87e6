// Extended attributes, by path or by descriptor. Values are bytes; names are text.
import { ops, type OpName } from "../../../ops/table.ts";
import { Request, type Decode } from "../../../request/request.ts";
import { decodeBytes, decodeNone } from "../../../request/results.ts";
import { bufferOver } from "../../encoding.ts";
import { XATTR_MAX_BYTES, nameBytes, valueBytes } from "../../sys/xattr.ts";
import { fill, type Declaration, type Param } from "../declare.ts";
import { EioRequest, type End } from "../request.ts";
import { kinds } from "../operands.ts";
import { byPath } from "./at.ts";

const path = ["path", "path"] as const;
const fd = ["fd", "fd"] as const;
const name = ["name", "text"] as const;
const given = ["value", "text"] as const;
const flags = ["flags", "uint"] as const;

const bytesEnd: End = (req, { value }) => {
  req.value = bufferOver(value as Uint8Array);
  req.result = (req.value as Buffer).byteLength;
};
const namesEnd: End = (req, { value }) => {
  const text = bufferOver(value as Uint8Array).toString();
  const names = text.split("\0").slice(0, -1);
  req.value = names;
  req.result = names.length;
};

interface Shape {
  value: string;
  about: string;
  decode?: Decode;
  end?: End;
  /** Where the switch for links goes. */
  link?: "a" | "c";
  /** A link itself. */
  itself?: boolean;
}

/** The name, or name and value, are the data; everything else is as everywhere. */
function xattr(
  op: OpName,
  params: readonly Param[],
  { value, about, decode = decodeNone, end, link = "a", itself }: Shape,
): Declaration {
  const names = params.map(([param]) => param);
  const [place] = params;
  return {
    params,
    about,
    value,
    ops: [op],
    start(door, type, args, tail) {
      const req = new EioRequest(door, type, tail);
      const request = new Request(ops[op].code, decode, () => 0);
      const to = place![1] === "fd" ? "fd" : "path";
      const errno = fill(request, [place!], [to], args, tail);
      const arg = (of: string): unknown => args[names.indexOf(of)];
      if (names.includes("name")) {
        const named = nameBytes(arg("name"));
        request.data = named;
        if (names.includes("value")) {
          request.data = Buffer.concat([named, valueBytes(arg("value"))]);
          request.a = named.byteLength;
          kinds.uint.put(request, "b", "flags", arg("flags"));
        }
      }
      if (decode === decodeBytes) request.room = XATTR_MAX_BYTES;
      if (itself) request[link] = 1;
      req.path = request.path ?? undefined;
      byPath(request, type);
      door.send(req, request, tail, errno, end ?? null);
      return req;
    },
  };
}

const reads = { value: "Buffer", decode: decodeBytes, end: bytesEnd };
const lists = { value: "string[]", decode: decodeBytes, end: namesEnd };
const sets = { value: "undefined", link: "c" as const };
const removes = { value: "undefined" };
const GET = "Reads an extended attribute";
const SET = "Sets an extended attribute";
const LIST = "Names the extended attributes";
const REMOVE = "Removes an extended attribute";
const made = "EIO_XATTR_CREATE, EIO_XATTR_REPLACE, or 0 for either";

export const xattrRequests = {
  getxattr: xattr("getxattr", [path, name], {
    ...reads,
    about: `${GET}: \`value\` is its bytes, the result how many.`,
  }),
  lgetxattr: xattr("getxattr", [path, name], {
    ...reads,
    about: `${GET} of a link itself.`,
    itself: true,
  }),
  fgetxattr: xattr("fgetxattr", [fd, name], {
    ...reads,
    about: `${GET} of an open file.`,
  }),
  setxattr: xattr("setxattr", [path, name, given, flags], {
    ...sets,
    about: `${SET}: ${made}.`,
  }),
  lsetxattr: xattr("setxattr", [path, name, given, flags], {
    ...sets,
    about: `${SET} of a link itself.`,
    itself: true,
  }),
  fsetxattr: xattr("fsetxattr", [fd, name, given, flags], {
    ...sets,
    about: `${SET} of an open file.`,
  }),
  listxattr: xattr("listxattr", [path], {
    ...lists,
    about: `${LIST}: \`value\` is the names, the result how many.`,
  }),
  llistxattr: xattr("listxattr", [path], {
    ...lists,
    about: `${LIST} of a link itself.`,
    itself: true,
  }),
  flistxattr: xattr("flistxattr", [fd], {
    ...lists,
    about: `${LIST} of an open file.`,
  }),
  removexattr: xattr("removexattr", [path, name], {
    ...removes,
    about: `${REMOVE}.`,
  }),
  lremovexattr: xattr("removexattr", [path, name], {
    ...removes,
    about: `${REMOVE} of a link itself.`,
    itself: true,
  }),
  fremovexattr: xattr("fremovexattr", [fd, name], {
    ...removes,
    about: `${REMOVE} of an open file.`,
  }),
};
