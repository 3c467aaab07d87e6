// Slow operations: who wants to hear of them, what is kept of every request for those that turn out to be slow, and what is
// reported. It does not know where requests come from.
import { channel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";
import { nextTick } from "../../util/node-timers.ts";
import { checkNames } from "../option-names.ts";
import { callSite, keepStack } from "./call-site.ts";
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

export interface OnSlowOptions<Kept = undefined> extends SlowOptions {
  /** Called inside each call, in its caller's async context; what it returns is kept for the listener. */
  keep?: () => Kept;
}

/** What it throws is the process's uncaught exception. */
export type SlowListener<Kept = undefined> = (
  operation: SlowOperation,
  kept: Kept,
) => void;

/** One who wants to hear of slow operations. */
export interface SlowWatch {
  afterMs: number;
  stack: boolean;
  keep: (() => unknown) | null;
  report: (operation: SlowOperation, kept: unknown) => void;
}

/** What one of them keeps of a request. */
interface Kept {
  watch: SlowWatch;
  value: unknown;
  stack: { stack?: string } | null;
}

export class SlowWatches {
  readonly #all: SlowWatch[] = [];

  get some(): boolean {
    return this.#all.length !== 0;
  }

  /** Until the returned function is called; requests of before are reported still. */
  add(watch: SlowWatch): () => void {
    this.#all.push(watch);
    return () => {
      const at = this.#all.indexOf(watch);
      if (at !== -1) this.#all.splice(at, 1);
    };
  }

  /** Inside the call, whose stack begins above the function given. */
  keep(above: (...args: never[]) => unknown): unknown {
    return this.#all.map((watch): Kept => {
      const stack = watch.stack ? keepStack(above) : null;
      const value = watch.keep === null ? undefined : guarded(watch.keep);
      return { watch, value, stack };
    });
  }

  /** Those who want to hear of one that took so long. */
  report(kept: unknown, tookMs: number, event: () => SlowOperation): void {
    for (const { watch, value, stack } of kept as Kept[]) {
      if (tookMs < watch.afterMs) continue;
      const operation = event();
      if (stack?.stack !== undefined) operation.stack = callSite(stack.stack);
      guarded(() => watch.report(operation, value));
    }
  }
}

/** Whoever waits for the request has nothing to do with what a listener throws. */
function guarded<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    nextTick(() => {
      throw error;
    });
    return undefined;
  }
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
  slow: SlowWatch | null;
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
  return { slow: watchOf(given, reportSlow, "slow."), trackHandles };
}

/** Until the returned function is called. */
export function onSlow<Kept = undefined>(
  watches: SlowWatches,
  listener: SlowListener<Kept>,
  options: OnSlowOptions<Kept>,
): () => void {
  checkNames(options, ["afterMs", "stack", "keep"]);
  if (typeof listener !== "function")
    throw wrong("listener", "a function", listener);
  const { keep } = options;
  if (keep !== undefined && typeof keep !== "function")
    throw wrong("keep", "a function", keep);
  return watches.add({
    ...watchOf(options, listener as SlowWatch["report"], ""),
    keep: keep ?? null,
  });
}

function watchOf(
  given: SlowOptions,
  report: SlowWatch["report"],
  prefix: string,
): SlowWatch {
  const { afterMs, stack = true }: { afterMs: unknown; stack?: unknown } =
    given;
  if (typeof afterMs !== "number" || !(afterMs >= 0))
    throw wrong(`${prefix}afterMs`, "a number of milliseconds", afterMs);
  if (typeof stack !== "boolean")
    throw wrong(`${prefix}stack`, "a boolean", stack);
  return { afterMs, stack, keep: null, report };
}

const wrong = (name: string, want: string, got: unknown): Error =>
  misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));
