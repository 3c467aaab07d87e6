// A file that is looked at again and again, as libuv's uv_fs_poll does it, by stats of ours: in one order with what
// else is submitted here, and not behind libuv's pool. It knows when a file has changed, not who listens.
import { AsyncResource } from "node:async_hooks";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { PRIORITY_MAX, Request, type Decode } from "../../request/request.ts";
import { firstDouble } from "../../request/results.ts";
import {
  clearTimeout,
  clockMs,
  nextTick,
  setTimeout,
} from "../../util/node-timers.ts";
import { applyTerms, termsOf } from "../terms.ts";

/** What a stat with bigints leaves: numbers first, then the four times in nanoseconds. */
export const STAT_FIELDS = 14;
/** Times of access and counts of links and blocks are no change, as with libuv. */
const COMPARED = [
  ...[0, 1, 3, 4, 7, 8], // dev, mode, uid, gid, ino, size
  ...[11, 12, 13], // mtime, ctime, birthtime
];
const DELAY_MAX_MS = 0x7fffffff;
const NONE = new BigInt64Array(STAT_FIELDS);

const decodeFields: Decode = (memory, slot) => {
  const first = firstDouble(slot);
  return memory.bigints.slice(first, first + STAT_FIELDS);
};

const isSame = (a: BigInt64Array, b: BigInt64Array): boolean =>
  COMPARED.every((field) => a[field] === b[field]);

/** `errno` is 0, or why there is no current file. */
export type Changed = (
  errno: number,
  current: BigInt64Array,
  previous: BigInt64Array,
) => void;

export class StatPoll extends AsyncResource {
  readonly #engine: Submitter;
  readonly #path: string;
  readonly #intervalMs: number;
  readonly #changed: Changed;
  /** The last that there was; it outlives a file that is removed. */
  #last: BigInt64Array = NONE;
  /** How the last look ended: an errno, 0 for a file; undefined before the first. */
  #outcome: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isRef = true;
  #closed = false;
  #startMs = 0;

  constructor(
    engine: Submitter,
    path: string,
    intervalMs: number,
    changed: Changed,
  ) {
    super("STATWATCHER");
    this.#engine = engine;
    this.#path = path;
    this.#intervalMs = intervalMs || 1;
    this.#changed = changed;
    this.#look();
  }

  ref(): void {
    this.#isRef = true;
    this.#timer?.ref();
  }

  unref(): void {
    this.#isRef = false;
    this.#timer?.unref();
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Before others: a write that is submitted later is a change to what is found here. */
  #look(): void {
    this.#startMs = clockMs();
    const request = new Request(ops.stat.code, decodeFields, (request) =>
      this.#found(request),
    );
    request.path = this.#path;
    request.a = 1;
    const terms = termsOf(this.#engine, { priority: PRIORITY_MAX });
    this.#engine.submit(applyTerms(request, terms));
  }

  #found({ result, value }: Request): void {
    if (this.#closed) return;
    const before = this.#outcome;
    const previous = this.#last;
    this.#outcome = Math.min(result, 0);
    if (result >= 0) this.#last = value as BigInt64Array;
    const changed =
      result < 0
        ? result !== before
        : before !== undefined && (before < 0 || !isSame(previous, this.#last));
    if (changed) this.#report(result < 0 ? NONE : this.#last, previous);
    // By then it may be closed.
    if (!this.#closed) this.#lookLater();
  }

  #report(current: BigInt64Array, previous: BigInt64Array): void {
    try {
      this.runInAsyncScope(
        this.#changed,
        undefined,
        this.#outcome!,
        current,
        previous,
      );
    } catch (error) {
      nextTick(() => {
        throw error;
      });
    }
  }

  /** At the next multiple of the interval, however long the look took. */
  #lookLater(): void {
    const took = clockMs() - this.#startMs;
    const left = this.#intervalMs - (took % this.#intervalMs);
    this.#timer = setTimeout(
      () => this.#lookAgain(),
      Math.min(left, DELAY_MAX_MS),
    );
    if (!this.#isRef) this.#timer.unref();
  }

  #lookAgain(): void {
    try {
      this.#look();
    } catch {
      // The instance is closed.
      this.close();
    }
  }
}
