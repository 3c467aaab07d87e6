// A worker wakes the loop: on the first completion after it went to sleep, and only then. See
// src/backends/wake-up.ts for the other side.
import { writeSync } from "node:fs";
import { Control, MainState } from "../src/request/layout.ts";

/** What an eventfd takes: a count of one, in the machine's order of bytes. */
const one = new Uint8Array(BigUint64Array.of(1n).buffer);

export function ringBell(control: Int32Array): void {
  const { armed, awake } = MainState;
  const { mainState } = Control;
  if (Atomics.load(control, mainState) !== armed) return;
  if (Atomics.compareExchange(control, mainState, armed, awake) !== armed)
    return;
  const pollFd = Atomics.load(control, Control.pollFd);
  if (pollFd !== 0) signal(pollFd - 1);
  Atomics.add(control, Control.mainBell, 1);
  Atomics.notify(control, Control.mainBell);
}

/** Whoever watches the descriptor may not be Node's loop, which may not even turn. */
function signal(fd: number): void {
  try {
    writeSync(fd, one);
  } catch {
    // It is full, which is readable as well.
  }
}
