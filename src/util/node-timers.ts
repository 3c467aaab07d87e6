// Node's ticks, timers and clock, kept when this is loaded. What replaces them later (the fake timers
// of a test, which may swallow a call) is not known here, and stops nothing of ours.
import timers from "node:timers/promises";

export const { nextTick } = process;
export const {
  setImmediate,
  setInterval,
  setTimeout,
  clearInterval,
  clearTimeout,
  queueMicrotask,
} = globalThis;
export const delay = timers.setTimeout;

const { performance } = globalThis;
/** Milliseconds of a clock that never goes back. */
export const clockMs = performance.now.bind(performance);
