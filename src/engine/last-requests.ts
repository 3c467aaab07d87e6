// What was submitted before the process exits is carried out, as Node's own pool does it: begun, and
// waited for within a limit, on the thread that exits. It knows that requests complete, not who runs them.
import { clockMs } from "../util/node-timers.ts";

/** Nothing completed for so long: what is left hangs, and the exit does not. */
const STILL_MS = 1000;
const STEP_MS = 1;

export interface Unsettled {
  /** Hands over what there is room for, and takes what is done without telling anybody; how many were. */
  advance(): number;
  /** Not done, and not given up by who waited for it. */
  left(): boolean;
}

const never = new Int32Array(new SharedArrayBuffer(4));

export function carryOut(requests: Unsettled): void {
  let sinceMs = clockMs();
  for (;;) {
    if (requests.advance() !== 0) sinceMs = clockMs();
    if (!requests.left() || clockMs() - sinceMs >= STILL_MS) return;
    Atomics.wait(never, 0, 0, STEP_MS);
  }
}
