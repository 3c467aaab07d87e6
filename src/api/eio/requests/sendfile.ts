// sendfile: by the kernel, and where it refuses (a file opened to append, a source without pages) by reads and
// writes, as libeio does it. It does not know what kind of files they are.
import { ops } from "../../../ops/table.ts";
import { Request } from "../../../request/request.ts";
import { decodeCount, decodeInto } from "../../../request/results.ts";
import { fill, stepped, type Param } from "../declare.ts";
import type { Steps } from "../door.ts";

/** EINVAL, ENOSYS, ENOTSOCK, EOPNOTSUPP, EAFNOSUPPORT, EPROTOTYPE. */
const refusals = new Set([-22, -38, -88, -95, -97, -91]);
const EINVAL = -22;
const PIECE_BYTES = 1 << 16;

const params: readonly Param[] = [
  ["out_fd", "fd"],
  ["in_fd", "fd2"],
  ["in_offset", "widePlace"],
  ["length", "length"],
];

/** The most that Linux sends in one call: what is sent in full goes on behind it. */
const SEND_MAX_BYTES = 0x7ffff000;

function* sending(first: Request): Steps {
  const { b: length, position } = first;
  let sent = 0;
  for (let send = first; ; send = rest(first, sent)) {
    const { result } = yield send;
    if (refusals.has(result) && sent === 0 && Number.isSafeInteger(position))
      return yield* piecewise(send, result);
    if (result <= 0) return sent === 0 ? result : sent;
    sent += result;
    if (result < SEND_MAX_BYTES || sent === length) return sent;
  }
}

function rest(
  { fd, owner, a, b, d, position }: Request,
  sent: number,
): Request {
  const send = new Request(ops.sendfile.code, decodeCount, () => 0);
  const at = position === -1 ? -1 : position + sent;
  return Object.assign(send, { fd, owner, a, b: b - sent, d, position: at });
}

/** What was sent before an error counts; only a first piece that fails is a failure. */
function* piecewise(
  { fd: out, a: from, position, b: length, owner }: Request,
  refusal: number,
): Steps {
  const piece = Buffer.allocUnsafeSlow(Math.min(length, PIECE_BYTES));
  let sent = 0;
  while (sent < length) {
    const read = new Request(ops.read.code, decodeInto, () => 0);
    const data = piece.subarray(0, Math.min(PIECE_BYTES, length - sent));
    const at = position === -1 ? -1 : position + sent;
    Object.assign(read, { fd: from, owner, data, position: at });
    const { result: count } = yield read;
    if (count <= 0) return sent === 0 ? count : sent;
    const write = new Request(ops.write.code, decodeCount, () => 0);
    Object.assign(write, { fd: out, owner, data: piece.subarray(0, count) });
    const { result: wrote } = yield write;
    if (wrote <= 0) return sent === 0 ? wrote : sent;
    sent += wrote;
    if (wrote < count && position === -1) return sent;
  }
  return length === 0 ? refusal : sent;
}

export const sendfileRequests = {
  sendfile: stepped(
    params,
    ["sendfile", "read", "write"],
    `${ops.sendfile.about} Where the kernel refuses it is done by reads and writes.`,
    "undefined",
    (_req, args, tail) => {
      const send = new Request(ops.sendfile.code, decodeCount, () => 0);
      const order = ["fd", "a", "position", "b"] as const;
      let errno = fill(send, params, order, args, tail);
      // Only null is the descriptor's own position.
      if (args[2] != null && Number(args[2]) < 0) errno ||= EINVAL;
      return errno < 0 ? errno : sending(send);
    },
  ),
};
