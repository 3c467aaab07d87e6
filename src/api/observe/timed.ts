// Whoever wants to know the times of requests one by one, as numbers: a histogram or a page of his own.
import { inspect } from "node:util";
import type { BackendName } from "../../backends/backend.ts";
import type { Engine } from "../../engine/engine.ts";
import { DEFAULT_LANE } from "../../engine/lanes.ts";
import { nameByCode, type OpName } from "../../ops/table.ts";
import { misuseError } from "../../util/errors.ts";

/** Called when a request has settled; what it throws is the process's uncaught exception. */
export type TimedListener = (times: TimedRequest) => void;

/** The same object each time: what is to be kept must be taken out of it. */
export interface TimedRequest {
  op: OpName;
  lane: string;
  backend: BackendName;
  waitMs: number;
  runMs: number;
}

/** Until the answer is called. */
export function onTimed(engine: Engine, listener: TimedListener): () => void {
  const { meter, traffic } = engine;
  const told = {} as TimedRequest;
  const listen: Parameters<(typeof meter.listeners)["add"]>[0] = (
    op,
    lane,
    backend,
    waitMs,
    runMs,
  ) => {
    told.op = nameByCode[op]!;
    told.lane = traffic?.at(lane).name ?? DEFAULT_LANE;
    told.backend = backend;
    told.waitMs = Math.max(0, waitMs);
    told.runMs = Math.max(0, runMs);
    try {
      listener(told);
    } catch (error) {
      // Whoever waits for the request has nothing to do with it.
      process.nextTick(() => {
        throw error;
      });
    }
  };
  meter.listeners.add(listen);
  return () => void meter.listeners.delete(listen);
}
