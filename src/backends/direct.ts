// Which data goes between the caller's own memory and the system without a copy, where native code can: from how many
// bytes on, for the pool's workers and for the loop's lanes. It does not know how an address is taken.
import { opByCode, ops } from "../ops/table.ts";
import type { Direct } from "../request/codec.ts";
import type { Memory } from "../request/memory.ts";
import { attachNative } from "./native.ts";

/** From here on the copy out of shared memory costs a worker's result more than an address does. */
const WORKERS_MIN_BYTES = 8192;
/** Native code of the loop's own thread: there the address is taken and used in one turn. */
const LANES_MIN_BYTES = 1024;

const transfers = [ops.read.code, ops.write.code] as number[];
/** No lane of the loop's runs a whole file's write, and whatever runs on a worker runs in native code. */
const isWholeWrite = (op: number, bytes: number): boolean =>
  op === ops.spew.code && bytes >= WORKERS_MIN_BYTES;
/** Ops on the caller's own memory, wherever and however small it is: by opcode, as far as somebody wanted to know. */
const onMemory: (boolean | undefined)[] = [];
const isOnMemory = (op: number): boolean =>
  (onMemory[op] ??=
    opByCode[op]?.params.some(([, kind]) => kind === "memory") === true);

export function workersDirect(memory: Memory): Direct | null {
  const attached = attachNative(memory);
  if (attached === null) return null;
  return {
    takes: (op, bytes) =>
      (bytes >= WORKERS_MIN_BYTES && transfers.includes(op)) ||
      isWholeWrite(op, bytes) ||
      isOnMemory(op),
    note: (slot, data, align) =>
      (attached.note(slot, data) & (align - 1)) === 0,
    noteAll: (slot, buffers) => attached.noteAll(slot, buffers),
  };
}

/** For lanes in front of the pool, each of which runs some of the ops. */
export function lanesDirect(
  workers: Direct | null,
  laneRuns: (op: number) => boolean,
): Direct | null {
  if (workers === null) return null;
  const [read, write] = transfers.map((op) =>
    laneRuns(op) ? LANES_MIN_BYTES : WORKERS_MIN_BYTES,
  ) as [number, number];
  return {
    takes: (op, bytes) =>
      op === ops.read.code
        ? bytes >= read
        : (op === ops.write.code && bytes >= write) ||
          isWholeWrite(op, bytes) ||
          isOnMemory(op),
    note: workers.note,
    noteAll: workers.noteAll,
  };
}
