// What the options of all doors that collect have in common: which requests are timed, and into which buckets. It does not
// know who collects.
import { inspect } from "node:util";
import type { Eio, TimedRequest } from "node-eio";
import { misuseError } from "node-eio/internal";
import { BUCKETS, MS_PER_S } from "./measures.ts";

export interface TimeOptions {
  /** Upper bounds of the histograms, in seconds; from 10 µs to 10 s by default. */
  buckets?: number[] | undefined;
  /** Times every request rather than one in 64; no by default. */
  timeAll?: boolean | undefined;
}

export interface Times {
  buckets: number[];
  timeAll: boolean;
}

/** Those that have a type and a default here. */
export const timeOptionNames = ["buckets", "timeAll"];

export function readTimeOptions({
  buckets = BUCKETS,
  timeAll = false,
}: TimeOptions): Times {
  if (!isRising(buckets))
    throw wrong("buckets", "numbers in an array, in rising order", buckets);
  if (typeof timeAll !== "boolean")
    throw wrong("timeAll", "true or false", timeAll);
  return { buckets, timeAll } as Times;
}

const isRising = (bounds: unknown): boolean =>
  Array.isArray(bounds) &&
  bounds.every(
    (bound, i) => typeof bound === "number" && !(bound <= bounds[i - 1]),
  );

/** Seconds of the requests that are timed, until the returned function is called. */
export const onTimedSeconds = (
  eio: Eio,
  { timeAll }: Times,
  record: (
    wait: number,
    run: number,
    of: Pick<TimedRequest, "op" | "backend">,
  ) => void,
): (() => void) =>
  eio.onTimed(
    ({ op, backend, waitMs, runMs }) =>
      record(waitMs / MS_PER_S, runMs / MS_PER_S, { op, backend }),
    { all: timeAll },
  );

export const wrong = (name: string, want: string, got: unknown): Error =>
  misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));
