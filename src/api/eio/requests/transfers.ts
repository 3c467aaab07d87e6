// read and write: pread and pwrite where an offset is given (0 or more), else the descriptor's own
// position. What is larger than one request may carry goes in pieces, and is one request all the same.
import { ops } from "../../../ops/table.ts";
import { DATA_MAX_BYTES } from "../../../request/codec.ts";
import { Request, type Decode } from "../../../request/request.ts";
import { decodeCount, decodeInto } from "../../../request/results.ts";
import { outOfRange } from "../../argument-errors.ts";
import { fill, type Declaration, type Param } from "../declare.ts";
import type { Door, Steps } from "../door.ts";
import { readBuffer } from "../operands.ts";
import { EioRequest, type Tail } from "../request.ts";
import { bytesOf } from "../../sys/check.ts";

const paramsWith = (buffer: "source" | "room"): readonly Param[] => [
  ["fd", "fd"],
  ["buf", buffer],
  ["length", "wholeLength"],
  ["offset", "widePlace"],
];
const EFAULT = -14;
const REGISTERS = ["fd", "data", "a", "position"] as const;

function transfer(
  op: "read" | "write",
  decode: Decode,
  about: string,
): Declaration {
  const params = paramsWith(op === "read" ? "room" : "source");
  const prepare = (args: readonly unknown[], tail: Tail): [Request, number] => {
    const request = new Request(ops[op].code, decode, () => 0);
    const errno = fill(request, params, REGISTERS, args, tail);
    request.a = 0;
    if (args[1] === null && op === "write")
      return [request, errno || nothing(request, bytesOf("length", args[2]))];
    const buffer =
      args[1] === null
        ? Buffer.allocUnsafeSlow(bytesOf("length", args[2]))
        : readBuffer("buf", args[1]);
    const { byteLength } = buffer;
    const length = args[2] == null ? byteLength : bytesOf("length", args[2]);
    if (length > byteLength)
      throw outOfRange("length", `>= 0 && <= ${byteLength}`, length);
    request.data = buffer.subarray(0, length);
    return [request, errno];
  };

  return {
    params,
    about,
    value: op === "read" ? "EioRead<B>" : "B",
    ops: [op],
    start(door, type, args, tail) {
      const req = new EioRequest(door, type, tail);
      const [request, errno] = prepare(args, tail);
      req.value = args[1] ?? request.data;
      if (errno < 0 || fitsOne(door, request, tail))
        door.send(req, request, tail, errno, null);
      else door.run(req, tail, pieces(request, decode));
      return req;
    },
  };
}

/** A null pointer: of no bytes it is written, of more it is what the system says of one. */
function nothing(request: Request, length: number): number {
  request.data = Buffer.alloc(0);
  return length === 0 ? 0 : EFAULT;
}

/** Native code reads and writes the caller's memory; only copies have to fit. */
function fitsOne(door: Door, { op, data }: Request, tail: Tail): boolean {
  const { byteLength } = data!;
  if (byteLength <= DATA_MAX_BYTES) return true;
  if (tail.terms.ends) return false;
  return door.engine.backend.direct?.takes(op, byteLength) ?? false;
}

/** A piece that is not whole is the last one; only a first one that fails is a failure. */
function* pieces(whole: Request, decode: Decode): Steps {
  const data = whole.data!;
  let done = 0;
  for (;;) {
    const piece = new Request(whole.op, decode, () => 0);
    const { fd, owner, position, d } = whole;
    const part = data.subarray(done, done + DATA_MAX_BYTES);
    const at = position === -1 ? -1 : position + done;
    Object.assign(piece, { fd, owner, data: part, position: at, d });
    const { result } = yield piece;
    if (result < 0) return done === 0 ? result : done;
    done += result;
    if (result < part.byteLength || done === data.byteLength) return done;
  }
}

export const transferRequests = {
  read: transfer(
    "read",
    decodeInto,
    "Reads into `buf`, or where that is null into a Buffer of that length, which is the value: at `offset`, or at the current position when it is -1. The result is the count.",
  ),
  write: transfer(
    "write",
    decodeCount,
    "Writes from `buf` (null is EFAULT): at `offset`, or at the current position when it is -1. The result is the count.",
  ),
};
