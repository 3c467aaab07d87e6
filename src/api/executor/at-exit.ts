// What the threads of executors do when the process exits: their modules are closed, since nothing runs on the loop from then on. It does not
// know what a module closes.
import process from "node:process"; // A program may put another in the place of the global one.
import { clockMs } from "../../util/node-timers.ts";

/** All of them together are waited for so long. */
const EXIT_MS = 1000;

export interface LeavesAtExit {
  leaveNow(): void;
  waitUntilLeft(untilMs: number): void;
}

const leaving = new Set<LeavesAtExit>();
let listening = false;

/** It has threads. */
export function leaveAtExit(one: LeavesAtExit): void {
  leaving.add(one);
  if (listening) return;
  listening = true;
  process.on("exit", () => {
    const untilMs = clockMs() + EXIT_MS;
    for (const one of leaving) one.leaveNow();
    for (const one of leaving) one.waitUntilLeft(untilMs);
  });
}

/** It has none any more, and may be collected. */
export function staysAtExit(one: LeavesAtExit): void {
  leaving.delete(one);
}
