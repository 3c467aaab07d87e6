// What a callback leaves behind, ticks and microtasks, runs before the next callback, as Node does it. That
// takes a turn that the event loop itself began; which requests end in it, and how, is not known here.
//
//   turn: [callback] ticks, microtasks  [callback] ticks, microtasks  [promises settled ...]  [callback] ...
import { raise } from "../backends/uncaught.ts";
import type { Request } from "../request/request.ts";
import { runWithin } from "../util/awaiting-frames.ts";
import { nextTick } from "../util/node-timers.ts";

const { _tickCallback } = process as { _tickCallback?: () => void };
/**
 * What Node itself calls between two timers. Other runtimes do not have it, and --pending-deprecation puts
 * a warning in front of it: a turn then ends behind a callback, and the next goes on.
 */
const runNextTicks =
  _tickCallback?.name === "runNextTicks" ? _tickCallback : null;

/** Inside a tick, a microtask or a call of the user's nothing can be run in between. */
let inTurn = false;
/** A request has ended, and the ticks and microtasks that its callback queued have not run yet. */
let owed = false;
/** The rest is for another turn. */
let stopped = false;
/** Thrown by a tick: it leaves with the turn, and its async context is still there then. */
let failure: { error: unknown } | null = null;

/** Runs what the event loop called. */
export function turn<T>(run: () => T): T {
  inTurn = true;
  owed = stopped = false;
  try {
    return run();
  } finally {
    inTurn = false;
    rethrow();
  }
}

function rethrow(): void {
  if (failure === null) return;
  const { error } = failure;
  failure = null;
  throw error;
}

/** Whether another request may end in this turn. */
export const mayGoOn = (): boolean => !stopped;

/** Runs what was left behind until now. */
export function between(): void {
  if (!owed || !inTurn) return;
  if (runNextTicks === null || failure !== null) {
    stopped = true;
    return;
  }
  owed = inTurn = false;
  try {
    runWithin(runNextTicks);
  } catch (error) {
    if (!raise(error)) failure = { error };
  } finally {
    inTurn = true;
    if (failure !== null) stopped = true;
  }
}

/** Ends a request. Promises are settled one after the other, callbacks are called as Node calls them. */
export function settle(request: Request): unknown {
  const { calls } = request;
  if (calls) between();
  owed = true;
  try {
    return request.settle(request);
  } finally {
    if (calls) between();
  }
}

/**
 * What a callback threw is the process's uncaught exception before anything else runs. As in Node, what the
 * callback left behind then runs after the next one. To be called in the callback's async context.
 */
export function surface(error: unknown): void {
  if (raise(error)) owed = false;
  else
    nextTick(() => {
      throw error;
    });
}
