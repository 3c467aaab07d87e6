// Node's ticks, timers and clock, kept when this is loaded. What replaces them later (the fake timers
// of a test, which may swallow a call) is not known here, and stops nothing of ours.

export const { nextTick } = process;
export const {
  setImmediate,
  setInterval,
  setTimeout,
  clearInterval,
  clearTimeout,
  queueMicrotask,
} = globalThis;

export const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms));

// Not performance.now(): whoever looks at `performance` loads all of node:perf_hooks.
const { hrtime } = process;
const MS_PER_S = 1e3;
const NS_PER_MS = 1e6;

/** Milliseconds of a clock that never goes back. */
export function clockMs(): number {
  const [seconds, ns] = hrtime();
  return seconds * MS_PER_S + ns / NS_PER_MS;
}
