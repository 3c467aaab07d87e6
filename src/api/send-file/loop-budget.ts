// The loop budget: how much the loop's own thread sends in one turn, for all sockets together: the rest waits for the
// next turn, in order, so that no crowd of fast clients keeps everything else from running. It knows bytes and turns,
// not what is sent.
import { setImmediate } from "../../util/node-timers.ts";

/** A quarter of a millisecond's work, or so. */
const TURN_BYTES = 2 << 20;

let sent = 0;
let waiting: (() => void)[] = [];
let scheduled = false;

function next(): void {
  scheduled = false;
  sent = 0;
  const ready = waiting;
  waiting = [];
  for (const go of ready) whenThereIsRoom(go);
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(next);
}

export const hasRoom = (): boolean => sent < TURN_BYTES;

/** Calls `go` now if this turn has room for more, else in a later one. */
export function whenThereIsRoom(go: () => void): void {
  if (hasRoom()) return go();
  waiting.push(go);
  schedule();
}

export function countSent(bytes: number): void {
  sent += bytes;
  schedule();
}
