// What may be told in one turn of the loop: so many completions, for so long, so many bytes copied. It
// knows numbers, not requests.

/** Completions between two looks at the clock, where the time of a poll is limited. */
const CLOCK_EVERY = 8;
/** Bytes copied out per turn: their owners go on, and ask for more, while the next are read. */
const COPY_MAX_BYTES = 1 << 18;
/** Results from here on count as bytes copied. */
const LARGE_BYTES = 1 << 15;
/**
 * Transfers past the page cache that are told per turn: a disk's queue runs dry while many are told
 * and nobody asks for the next. docs/decisions.md has the figures, and under what they were taken.
 */
const DIRECT_MAX = 4;

export class Budget {
  /** Completions per turn; 0 is no limit. */
  reqsMax: number;
  /** Milliseconds per turn; 0 is no limit. */
  timeMs: number;
  #told = 0;
  #copiedBytes = 0;
  #turnEndsMs = Infinity;

  constructor(reqsMax: number, timeMs: number) {
    this.reqsMax = reqsMax;
    this.timeMs = timeMs;
  }

  /** A turn begins. */
  renew(): void {
    this.#told = 0;
    this.#copiedBytes = 0;
    this.#turnEndsMs =
      this.timeMs > 0 ? performance.now() + this.timeMs : Infinity;
  }

  copied(bytes: number): void {
    if (bytes >= LARGE_BYTES) this.#copiedBytes += bytes;
  }

  /** What was done did not pass through the page cache. */
  direct(): void {
    this.#copiedBytes += COPY_MAX_BYTES / DIRECT_MAX;
  }

  /** One more was told; is there time for the next? */
  mayTellMore(): boolean {
    this.#told++;
    if (this.#told === this.reqsMax || this.#copiedBytes >= COPY_MAX_BYTES)
      return false;
    return (
      this.#told % CLOCK_EVERY !== 0 || performance.now() < this.#turnEndsMs
    );
  }
}
