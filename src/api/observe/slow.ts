// What is reported of slow operations, and the options that turn it on. It does not know when one is slow.
import { channel } from "node:diagnostics_channel";
import { checkNames } from "../option-names.ts";
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";
import type { RequestEvent } from "./describe.ts";

export interface SlowOptions {
  /** An operation is slow that takes so many milliseconds from its call to its end. */
  afterMs: number;
  /** Whether to keep the stack of every call, for those that turn out to be slow; true by default. */
  stack?: boolean;
}

/** An operation that was slow, and the place that called for it. */
export interface SlowOperation extends RequestEvent {
  tookMs: number;
  /** The stack of the call, where it was kept. */
  stack?: string;
}

const slow = channel("node-eio:slow");

/** To the subscribers; a warning of the process where there are none. */
export function reportSlow(operation: SlowOperation): void {
  if (slow.hasSubscribers) return slow.publish(operation);
  const { op, path, fd, tookMs, waitMs = 0, runMs = 0, stack } = operation;
  const what = path ?? (fd === undefined ? "" : `descriptor ${fd}`);
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  process.emitWarning(
    `${op} ${what} took ${ms(tookMs)} (waited ${ms(waitMs)}, ran ${ms(runMs)})`,
    {
      type: "EioSlowOperation",
      ...(stack === undefined ? {} : { detail: stack }),
    },
  );
}

interface Watching {
  slow: SlowOptions | null;
  trackHandles: boolean;
}

export function readWatching(options: {
  slow?: SlowOptions;
  trackHandles?: boolean;
}): Watching {
  const { slow: given, trackHandles = false } = options;
  if (typeof trackHandles !== "boolean")
    throw wrong("trackHandles", "a boolean", trackHandles);
  if (given === undefined) return { slow: null, trackHandles };
  checkNames(given, ["afterMs", "stack"], "slow");
  const afterMs: unknown = given.afterMs;
  if (typeof afterMs !== "number" || !(afterMs >= 0))
    throw wrong("slow.afterMs", "a number of milliseconds", afterMs);
  const stack: unknown = given.stack;
  if (stack !== undefined && typeof stack !== "boolean")
    throw wrong("slow.stack", "a boolean", stack);
  return { slow: given, trackHandles };
}

const wrong = (name: string, want: string, got: unknown): Error =>
  misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));
