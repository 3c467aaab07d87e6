// The frames of those who await a call, for an error that is made while ticks and microtasks run in the middle of our own
// work: what is on the stack below them then is ours, and as deep as that. It knows stacks, and no error of ours.

/** So many frames may be ours, below the microtasks. */
const ROOM = 30;
const ASYNC_FRAME = /^ {4}at async /;

let withinOurs = 0;

/** Runs what queued ticks and microtasks run, from within our own work. */
export function runWithin(run: () => void): void {
  withinOurs++;
  try {
    run();
  } finally {
    withinOurs--;
  }
}

/** Has `capture` set an error's stack, of which the frames of those who await are left. */
export function captureAwaiting(error: Error, capture: () => void): void {
  if (withinOurs === 0) return capture();
  const { stackTraceLimit } = Error;
  const widened =
    stackTraceLimit > 0 &&
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit + ROOM);
  capture();
  // A program's own Error.prepareStackTrace may make anything of it.
  const stack: unknown = error.stack;
  if (widened) Error.stackTraceLimit = stackTraceLimit;
  if (typeof stack !== "string") return;
  const lines = stack.split("\n");
  const first = lines.findIndex((line) => line.startsWith("    at "));
  if (first === -1) return;
  const awaiting = lines.slice(first).filter((line) => ASYNC_FRAME.test(line));
  const shown = awaiting.slice(0, Math.max(0, Error.stackTraceLimit));
  error.stack = [...lines.slice(0, first), ...shown].join("\n");
}
