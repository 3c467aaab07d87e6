// The drains of the portable pool: which places of workers are taken, which of them have begun, and what is put right
// when one dies. It knows the counters in shared memory; it does not know when one more is worth it, nor what a slot is.
import { Control, Status, statusWord, type Sizes } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { delay } from "../util/node-timers.ts";

/** A thread takes tens of milliseconds to start. */
const BOOT_CHECK_MS = 2;
/** Drains that die before they have begun, in a row, until it gives up on what is queued. */
const FAILED_STARTS_MAX = 3;

export interface DrainRunner {
  /** Runs one drain, until it leaves (resolves) or dies (rejects). */
  run(index: number): Promise<void>;
  /** A worker died: what it had claimed fails; also all that is queued, when none can be had. */
  lost(index: number, error: unknown, hopeless: boolean): void;
  /** A place is free again. */
  left(): void;
}

export class Drains {
  readonly #control: Int32Array;
  readonly #sizes: Sizes;
  readonly #runner: DrainRunner;
  readonly #freeIndexes: number[] = [];
  readonly #running = new Map<number, Promise<void>>();
  #failedStarts = 0;
  #closing = false;
  /** Indexes below this one have been used. */
  indexesUsed = 0;

  constructor({ control, sizes }: Memory, runner: DrainRunner) {
    this.#control = control;
    this.#sizes = sizes;
    this.#runner = runner;
    for (let i = sizes.workersMax - 1; i >= 0; i--) this.#freeIndexes.push(i);
  }

  /** False: none can be had. Once some have died, only work that nobody at all can do is a reason to try again. */
  start(needed: boolean): boolean {
    if (this.#closing) return false;
    if (this.#cannotStart() && !(needed && this.#threads === 0)) return false;
    const index = this.takeIndex();
    if (index === undefined) return false;
    const word = statusWord(this.#sizes, index);
    Atomics.store(this.#control, word, Status.absent);
    const drain = this.#runner.run(index).then(
      () => {
        this.#failedStarts = 0;
        this.#left(index);
      },
      (error: unknown) => {
        this.#died(index, error);
        this.#left(index);
      },
    );
    this.#running.set(index, drain);
    return true;
  }

  /** The limits are others now: what failed may not fail any more. */
  forgetFailures(): void {
    this.#failedStarts = 0;
  }

  #cannotStart(): boolean {
    return this.#failedStarts >= FAILED_STARTS_MAX;
  }

  get #threads(): number {
    return Atomics.load(this.#control, Control.threads);
  }

  takeIndex(): number | undefined {
    const index = this.#freeIndexes.pop();
    if (index === undefined) return undefined;
    this.indexesUsed = Math.max(this.indexesUsed, index + 1);
    Atomics.add(this.#control, Control.threads, 1);
    return index;
  }

  /** A drain has begun. Those still starting need this thread to go on. */
  get begun(): boolean {
    return [...this.#running.keys()].some((index) => !this.#isAbsent(index));
  }

  /** How many still start. */
  get booting(): number {
    let count = 0;
    for (const index of this.#running.keys())
      if (this.#isAbsent(index)) count++;
    return count;
  }

  #isAbsent(index: number): boolean {
    return this.#status(index) === Status.absent;
  }

  /** Until all who were started run. */
  async ready(): Promise<void> {
    while (this.booting !== 0) await delay(BOOT_CHECK_MS);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#running.values());
  }

  #status(index: number): number {
    return Atomics.load(this.#control, statusWord(this.#sizes, index));
  }

  #left(index: number): void {
    this.#running.delete(index);
    this.#freeIndexes.push(index);
    if (!this.#closing) this.#runner.left();
  }

  /** Puts the counts right that the dead one can no longer put right itself. */
  #died(index: number, error: unknown): void {
    const status = this.#status(index);
    Atomics.sub(this.#control, Control.threads, 1);
    if (status === Status.sleeping)
      Atomics.sub(this.#control, Control.sleepers, 1);
    if (status === Status.lingering)
      Atomics.sub(this.#control, Control.spinners, 1);
    const begun = status !== Status.absent;
    this.#failedStarts = begun ? 0 : this.#failedStarts + 1;
    const hopeless = this.#cannotStart() && this.#threads === 0;
    this.#runner.lost(index, error, hopeless);
  }
}
