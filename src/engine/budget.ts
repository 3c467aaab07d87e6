// What may be delivered in one turn of the loop: so many completions, for so long, so many bytes copied; all of it,
// or the share that keeps the loop's delay near a target. It knows numbers and times, not requests.
import { clockMs } from "../util/node-timers.ts";
import type { EngineOptions } from "./options.ts";

/**
 * Completions between two looks at the clock, where the time of a poll is limited: at most. Where those between two looks
 * took more than a share of that time, the next look comes earlier.
 */
const CLOCK_EVERY = 8;
const CLOCK_SHARE = 1 / 16;
/** Bytes copied out per turn: their owners go on, and request more, while the next are read. */
const COPY_MAX_BYTES = 1 << 18;
/** Results from here on count as bytes copied. */
const LARGE_BYTES = 1 << 15;
/**
 * Transfers past the page cache that are delivered per turn: a disk's queue runs dry while many are
 * delivered and the next are not requested yet. docs/decisions.md has the figures, and under what they were taken.
 */
const DIRECT_MAX = 4;

/** Completions per turn where the loop's delay has a target and there is no other limit. */
const PACED_MAX = 256;

export class Budget {
  /** Completions per turn; 0 is no limit. */
  reqsMax: number;
  /** Milliseconds per turn; 0 is no limit. */
  timeMs: number;
  #delivered = 0;
  #copiedBytes = 0;
  #turnEndsMs = Infinity;
  /** Completions until the next look at the clock, and from one to the next; when the last one was. */
  #untilClock = CLOCK_EVERY;
  #clockEvery = CLOCK_EVERY;
  #clockMs = 0;
  #clockShareMs = 0;
  readonly #loopDelay: LoopDelayController | null;
  /** This turn's limits: all of it, or the share that the loop's delay leaves. */
  #reqsLeast = 0;
  #copyMaxBytes = COPY_MAX_BYTES;

  constructor(
    reqsMax: number,
    timeMs: number,
    loopDelay: LoopDelayController | null = null,
  ) {
    this.reqsMax = reqsMax;
    this.timeMs = timeMs;
    this.#loopDelay = loopDelay;
    this.#reqsLeast = reqsMax;
  }

  /** A turn begins. */
  renew(nowMs = clockMs()): void {
    this.#delivered = 0;
    this.#copiedBytes = 0;
    this.#reqsLeast = this.reqsMax;
    let { timeMs } = this;
    if (this.#loopDelay !== null) {
      this.#loopDelay.look(nowMs);
      const { share, targetMs } = this.#loopDelay;
      timeMs = share * Math.min(timeMs === 0 ? Infinity : timeMs, targetMs);
      this.#copyMaxBytes = share * COPY_MAX_BYTES;
      const reqsMax = Math.max(1, Math.floor(share * PACED_MAX));
      this.#reqsLeast =
        this.reqsMax === 0 ? reqsMax : Math.min(this.reqsMax, reqsMax);
    }
    this.#turnEndsMs = timeMs > 0 ? nowMs + timeMs : Infinity;
    this.#clockMs = nowMs;
    this.#clockShareMs = timeMs * CLOCK_SHARE;
    this.#untilClock = this.#clockEvery;
  }

  /** The loop goes to sleep. */
  sleep(): void {
    this.#loopDelay?.sleep();
  }

  copied(bytes: number): void {
    if (bytes >= LARGE_BYTES) this.#copiedBytes += bytes;
  }

  /** What was done did not pass through the page cache. */
  direct(): void {
    this.#copiedBytes += COPY_MAX_BYTES / DIRECT_MAX;
  }

  /** One more was delivered; is there time for the next? */
  mayDeliverMore(nowMs?: number): boolean {
    this.#delivered++;
    if (
      this.#delivered === this.#reqsLeast ||
      this.#copiedBytes >= this.#copyMaxBytes
    )
      return false;
    if (this.#turnEndsMs === Infinity || --this.#untilClock > 0) return true;
    return this.#lookAtClock(nowMs ?? clockMs());
  }

  /** Expensive results are counted one by one, cheap ones eight at a time. */
  #lookAtClock(nowMs: number): boolean {
    const took = nowMs - this.#clockMs;
    this.#clockMs = nowMs;
    this.#clockEvery =
      took > this.#clockShareMs
        ? Math.max(1, this.#clockEvery >> 1)
        : Math.min(CLOCK_EVERY, this.#clockEvery * 2);
    this.#untilClock = this.#clockEvery;
    return nowMs < this.#turnEndsMs;
  }
}

/** Whoever polls sets limits of his own; the loop's delay is for the loop. */
export function budgetOf(options: EngineOptions): Budget {
  const { maxPollReqs, maxPollTimeMs, targetLoopDelayMs, poll } = options;
  const paced = targetLoopDelayMs > 0 && poll === "auto";
  const loopDelay = paced ? new LoopDelayController(targetLoopDelayMs) : null;
  return new Budget(maxPollReqs, maxPollTimeMs, loopDelay);
}

const SHARE_MIN = 1 / 64;
const GROWTH = 1 / 8;

/**
 * The delay is the time from one look to the next, so it holds what the owners of results do in their
 * handlers, and what everybody else does.
 *
 *   delay > target         the share is halved, down to 1 in 64
 *   delay < half of it     the share grows by an eighth of a whole, up to all
 *
 * Down at once and up slowly: a turn that is too long is felt by every socket, one too short by nobody.
 */
export class LoopDelayController {
  readonly targetMs: number;
  share = 1;
  #lookedMs = -1;

  constructor(targetMs: number) {
    this.targetMs = targetMs;
  }

  /** A look begins. */
  look(nowMs: number): void {
    const lookedMs = this.#lookedMs;
    this.#lookedMs = nowMs;
    if (lookedMs === -1) return;
    const delayMs = nowMs - lookedMs;
    if (delayMs > this.targetMs)
      this.share = Math.max(SHARE_MIN, this.share / 2);
    else if (delayMs < this.targetMs / 2)
      this.share = Math.min(1, this.share + GROWTH);
  }

  /** The loop goes to sleep: how long it does is no delay. */
  sleep(): void {
    this.#lookedMs = -1;
  }
}
