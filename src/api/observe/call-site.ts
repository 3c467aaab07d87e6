// The place in the application that called for something, from a stack. It does not know what was called.
import { isOwnFrame } from "../../util/own-frames.ts";

const FRAMES = 30;

/** Keeps the stack of whoever called; it becomes text when it is read. */
export function keepStack(above: (...args: never[]) => unknown): {
  stack?: string;
} {
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(holder, above);
  Error.stackTraceLimit = stackTraceLimit;
  return holder;
}

/** The frames of the application: ours, and the promises that we make, are left out. */
export function callSite(stack: string): string {
  return stack
    .split("\n")
    .slice(1)
    .filter((line) => !isOwnFrame(line) && !line.endsWith("(<anonymous>)"))
    .join("\n");
}
