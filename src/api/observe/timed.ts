// Whoever wants to know the times of requests one by one, as numbers: a histogram or a page of his own. It does not
// know what they make of them.
import { inspect } from "node:util";
import type { RunnerName } from "../../backends/backend.ts";
import type { Engine } from "../../engine/engine.ts";
import { DEFAULT_LANE } from "../../engine/options.ts";
import { nameByCode, type OpName } from "../../ops/table.ts";
import { misuseError } from "../../util/errors.ts";
import { checkNames } from "../option-names.ts";
import { checkSwitch } from "../option-values.ts";
import { nextTick } from "../../util/node-timers.ts";

/** Called when a request has settled; what it throws is the process's uncaught exception. */
export type TimedListener = (times: TimedRequest) => void;

/** The same object each time: what is to be kept must be taken out of it. */
export interface TimedRequest {
  op: OpName;
  lane: string;
  backend: RunnerName;
  waitMs: number;
  runMs: number;
}

export interface TimedOptions {
  /** Whether every request is timed for it, or one in `stats().sampledEvery` will do; true by default. */
  all?: boolean;
}

/** Until the returned function is called. */
export function onTimed(
  engine: Engine,
  listener: TimedListener,
  options: TimedOptions = {},
): () => void {
  checkNames(options, ["all"]);
  const { all = true } = options;
  checkSwitch("all", all);
  if (typeof listener !== "function")
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "listener",
      "a function",
      inspect(listener),
    );
  const { metrics, scheduler } = engine;
  const timed = {} as TimedRequest;
  const listen: Parameters<(typeof metrics.listeners)["add"]>[0] = (
    op,
    lane,
    backend,
    waitMs,
    runMs,
  ) => {
    timed.op = nameByCode[op]!;
    timed.lane = scheduler?.at(lane).name ?? DEFAULT_LANE;
    timed.backend = backend;
    timed.waitMs = Math.max(0, waitMs);
    timed.runMs = Math.max(0, runMs);
    try {
      listener(timed);
    } catch (error) {
      // Whoever waits for the request has nothing to do with it.
      nextTick(() => {
        throw error;
      });
    }
  };
  metrics.listeners.add(listen);
  if (all) metrics.timingAll++;
  return () => {
    if (metrics.listeners.delete(listen) && all) metrics.timingAll--;
  };
}
