// System calls that fail, or transfer little, when a test says so: a build of the native code of its own,
// made when this is imported. It has to be imported before whatever loads the native code.
import { loadNative } from "../../src/backends/native.ts";
import { faultsBuild } from "./faults-build.mjs";

export type Call =
  | "read"
  | "write"
  | "writev"
  | "read_nowait"
  | "sendfile"
  | "clone"
  | "close"
  | "rename"
  | "link"
  | "symlink"
  | "readlink"
  | "chown"
  | "utimes"
  | "truncate"
  | "open"
  | "open_cached"
  | "statx"
  | "fsync"
  | "getdents"
  | "watch"
  | "mark"
  | "mkdir"
  | "unlink"
  | "chmod"
  | "copy_range"
  | "ring_setup"
  | "ring_enter"
  | "ring_register"
  | "eventfd"
  | "aio_setup"
  | "aio_submit"
  | "aio_events"
  | "ring_result"
  | "ring_cancel"
  | "any_fd";

/** A build with sanitizers has the faults already. */
process.env["NODE_EIO_NATIVE"] ||= faultsBuild();

const loaded = loadNative();

/** Why there are none; null when there are. */
export const noFaults = loaded.addon === null ? loaded.reason : null;

const { fault: set } = loaded.addon as unknown as {
  fault: (call: Call, outcome: number, skip: number, times: number) => number;
};
const planned = new Set<Call>();

/** Until noMoreFaults() the ring takes pipes, too: reads that wait for as long as a test wants. */
export const ringTakesPipes = (): void => fault("any_fd", 1, 1 << 30);

/** Below 0: the call fails with -errno. Above: it transfers so much at most. */
export function fault(call: Call, outcome: number, times = 1, skip = 0): void {
  planned.add(call);
  set(call, outcome, skip, times);
}

/** Removes the plan, and returns how often it took effect. */
export function struck(call: Call): number {
  planned.delete(call);
  return set(call, 0, 0, 0);
}

/** For afterEach. */
export function noMoreFaults(): void {
  for (const call of planned) struck(call);
}
