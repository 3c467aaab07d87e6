// How many workers there are and how many of them are awake. It knows the counters in shared
// memory and a function that runs one drain; it knows neither piscina nor what a slot is.
//
//   work is queued -> a lingering worker takes it       (nothing to do)
//                  -> a sleeper is woken                (fewer awake than processors)
//                  -> a thread is started               (nobody asleep, below the limit)
//                  -> some is left, and the processors idle: one more of either, now and then
import { Control, Status, statusWord } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import {
  cores,
  writeThreadLimits,
  type ThreadLimits,
} from "./thread-limits.ts";
import {
  clearTimeout,
  delay,
  clockMs,
  setTimeout,
} from "../util/node-timers.ts";

/** A thread takes tens of milliseconds to start. */
const BOOT_CHECK_MS = 2;
/** How often a backlog is looked at. */
const LOOK_MS = 1;
/** Work for so long, for those that are awake, is what one more worker is woken for. */
const WORTH_WAKING_US = 60;
/** With the processors idle a sleeper is woken at the first look, a thread started at the third in a row. */
const LOOKS_TO_START = 3;
/** However busy the processors are: a backlog that does not move for so long is behind hung calls. */
const LOOKS_AT_MOST = 50;
/** A thread takes longer to start than a few requests to be run; for slow ones there are the looks. */
const START_BACKLOG = 16;
/** Or fewer that take long: work for so long is worth a thread, whatever is known of the processors. */
const START_WORTH_US = 500;
/** The share of the processors from which on they count as busy. */
const BUSY = 0.7;
/** Of 1,000 requests that take long, so many that sleep. */
const MOSTLY = 500;
/** Drains that die before they have begun, in a row, until it gives up on what is queued. */
const FAILED_STARTS_MAX = 3;

export interface Work {
  /** Queued and not yet taken. */
  backlog(): number;
  /** A count that changes whenever something is taken. */
  taken(): number;
  /** Runs one drain, until it leaves (resolves) or dies (rejects). */
  run(index: number): Promise<void>;
  /** A worker died: what it had claimed fails; also all that is queued, when none can be had. */
  lost(index: number, error: unknown, hopeless: boolean): void;
}

export class ThreadController {
  readonly #control: Int32Array;
  readonly #memory: Memory;
  readonly #work: Work;
  readonly #freeIndexes: number[] = [];
  readonly #drains = new Map<number, Promise<void>>();
  #limits: ThreadLimits;
  /** Workers there may be beyond the limit, in the place of those that are held. */
  #spare = 0;
  /** Workers that are awake and take nothing: what they run hangs. */
  #held = 0;
  #looking: NodeJS.Timeout | undefined;
  /** Looks in a row at which the processors idled, and at which nothing had moved. */
  #idleLooks = 0;
  #stillLooks = 0;
  #failedStarts = 0;
  #closing = false;
  /** Indexes below this one have been used. */
  indexesUsed = 0;

  constructor(memory: Memory, work: Work, limits: ThreadLimits) {
    this.#memory = memory;
    this.#control = memory.control;
    this.#work = work;
    this.#limits = limits;
    for (let i = memory.sizes.workersMax - 1; i >= 0; i--)
      this.#freeIndexes.push(i);
    writeThreadLimits(this.#control, limits, this.#max);
  }

  get threads(): number {
    return Atomics.load(this.#control, Control.threads);
  }

  /** As many more may be started; so many are held, and count as none. Those too many leave. */
  spare(count: number, held: number): void {
    this.#held = held;
    if (count === this.#spare) return;
    this.#spare = count;
    writeThreadLimits(this.#control, this.#limits, this.#max);
  }

  /** None where execution is paused, whoever is held. */
  get #max(): number {
    const { maxParallel } = this.#limits;
    const { workersMax } = this.#memory.sizes;
    return maxParallel === 0
      ? 0
      : Math.min(maxParallel + this.#spare, workersMax);
  }

  /** Takes effect at once: workers too many leave when they are done with what they run. */
  setLimits(limits: ThreadLimits): void {
    this.#limits = limits;
    this.#failedStarts = 0;
    writeThreadLimits(this.#control, limits, this.#max);
    this.#ring(Infinity);
    this.keepFloor();
    this.summon();
  }

  /** True to its name, unlike libeio's: so many workers are there, idle or not. */
  keepFloor(): void {
    if (this.#cannotStart()) return;
    const { minParallel, maxParallel } = this.#limits;
    const floor = Math.min(minParallel, maxParallel);
    while (this.threads < floor) if (!this.#start()) break;
  }

  /** Starts one if there is nobody, and waits until all who were started run. */
  async ready(): Promise<void> {
    if (this.threads === 0 && this.#limits.maxParallel !== 0) this.#start();
    while (this.#booting()) await delay(BOOT_CHECK_MS);
  }

  /**
   * Where all sleep, one wakes at once: the loop may be blocked before anybody is summoned. A worker counts itself
   * among the sleepers before it looks for work for the last time, so that nothing falls between.
   */
  wakeOne(): void {
    const sleepers = Atomics.load(this.#control, Control.sleepers);
    if (sleepers > 0 && sleepers >= this.threads) this.#ring(1);
  }

  wakeAll(): void {
    this.#ring(Infinity);
  }

  /** Something was queued: is there somebody to take it? */
  summon(): void {
    const backlog = this.#work.backlog();
    if (backlog === 0 || this.#closing) return;
    const sleepers = Atomics.load(this.#control, Control.sleepers);
    const { threads } = this;
    const need = backlog - Atomics.load(this.#control, Control.spinners);
    // Those that are held will not take it, and nobody has to notice that first.
    const usable = Math.max(0, threads - this.#held);
    const awake = Math.max(0, usable - sleepers);
    const more = Math.min(need, this.#wanted(backlog) - awake);
    const few =
      usable > 0 &&
      backlog < START_BACKLOG &&
      backlog * this.#serviceUs < START_WORTH_US;
    if (more > 0)
      this.#add(few ? Math.min(more, sleepers) : more, sleepers, threads);
    else if (usable === 0) this.#add(1, sleepers, threads);
    const canGrow = threads - sleepers < this.#max;
    if (this.#looking === undefined && need > 0 && canGrow) this.#watch();
  }

  /**
   * How many workers such a backlog is worth. To wake one costs the loop as much as some tens of
   * small reads cost a worker that is awake already.
   */
  #wanted(backlog: number): number {
    const serviceUs = this.#serviceUs;
    const worth =
      serviceUs === 0
        ? backlog
        : Math.ceil((backlog * serviceUs) / WORTH_WAKING_US);
    return Math.max(1, Math.min(worth, cores()));
  }

  /** How long a request takes a worker, lately. */
  get #serviceUs(): number {
    return Atomics.load(this.#control, Control.serviceNs) / 1000;
  }

  /** Requests wait for a device rather than for a processor. */
  get #waitsForDevices(): boolean {
    return (
      this.#serviceUs >= WORTH_WAKING_US &&
      Atomics.load(this.#control, Control.sleeping) >= MOSTLY
    );
  }

  /** A drain has begun. Those still starting need this thread to go on. */
  get begun(): boolean {
    const begins = (index: number): boolean =>
      this.#status(index) !== Status.absent;
    return [...this.#drains.keys()].some(begins);
  }

  /** The place of a drain that this very thread is to run to its end. */
  takePlace(): number | undefined {
    const index = this.#max === 0 ? undefined : this.#takeIndex();
    if (index === undefined) return undefined;
    Atomics.store(this.#control, Control.threadsMax, this.threads);
    Atomics.store(this.#control, Control.closing, 1);
    return index;
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#looking);
    Atomics.store(this.#control, Control.closing, 1);
    this.#ring(Infinity);
    await Promise.allSettled(this.#drains.values());
  }

  /**
   * Wakes sleepers first, then starts threads. A sleeper that was not asleep yet when the bell rang
   * sees that it rang, so it counts as woken too.
   */
  #add(count: number, sleepers: number, threads: number): void {
    if (sleepers > 0) this.#ring(Math.min(count, sleepers));
    const starts = Math.min(count - sleepers, this.#max - threads);
    if (threads > 0 && this.#cannotStart()) return;
    for (let i = 0; i < starts; i++) if (!this.#start()) break;
  }

  /** Where threads cannot be had, only work that nobody at all can do is a reason to try again. */
  #cannotStart(): boolean {
    return this.#failedStarts >= FAILED_STARTS_MAX;
  }

  /** Whoever rings takes the woken off the count of sleepers. */
  #ring(count: number): void {
    Atomics.add(this.#control, Control.doorbell, 1);
    const woken = Atomics.notify(this.#control, Control.doorbell, count);
    Atomics.sub(this.#control, Control.sleepers, woken);
  }

  /**
   * While a backlog stands still, or is of requests that wait for a device, and the processors idle,
   * one more worker every so often. Where the processors are busy, be it with other processes, a
   * further one would only take turns with the others.
   */
  #watch(): void {
    const takenBefore = this.#work.taken();
    const cpuBefore = process.cpuUsage();
    const startedMs = clockMs();
    this.#looking = setTimeout(() => {
      this.#looking = undefined;
      if (this.#work.backlog() === 0 || this.#closing) {
        this.#idleLooks = this.#stillLooks = 0;
        return;
      }
      const cpu = process.cpuUsage(cpuBefore);
      const busyMs = (cpu.user + cpu.system) / 1000;
      const still = this.#work.taken() === takenBefore;
      const idle =
        (still || this.#waitsForDevices) &&
        busyMs < (clockMs() - startedMs) * cores() * BUSY;
      this.#idleLooks = idle ? this.#idleLooks + 1 : 0;
      this.#stillLooks = still ? this.#stillLooks + 1 : 0;
      const hung =
        this.#stillLooks > 0 && this.#stillLooks % LOOKS_AT_MOST === 0;
      const sleepers = Atomics.load(this.#control, Control.sleepers);
      const start =
        (hung || this.#idleLooks >= LOOKS_TO_START) && !this.#booting();
      if ((idle || hung) && (sleepers > 0 || start))
        this.#add(1, sleepers, this.threads);
      this.#watch();
    }, LOOK_MS).unref();
  }

  #booting(): boolean {
    const absent = (index: number): boolean =>
      this.#status(index) === Status.absent;
    return [...this.#drains.keys()].some(absent);
  }

  #status(index: number): number {
    return Atomics.load(this.#control, statusWord(this.#memory.sizes, index));
  }

  #takeIndex(): number | undefined {
    const index = this.#freeIndexes.pop();
    if (index === undefined) return undefined;
    this.indexesUsed = Math.max(this.indexesUsed, index + 1);
    Atomics.add(this.#control, Control.threads, 1);
    return index;
  }

  #start(): boolean {
    const index = this.#closing ? undefined : this.#takeIndex();
    if (index === undefined) return false;
    const word = statusWord(this.#memory.sizes, index);
    Atomics.store(this.#control, word, Status.absent);
    const drain = this.#work.run(index).then(
      () => {
        this.#failedStarts = 0;
        this.#left(index);
      },
      (error: unknown) => {
        this.#died(index, error);
        this.#left(index);
      },
    );
    this.#drains.set(index, drain);
    return true;
  }

  #left(index: number): void {
    this.#drains.delete(index);
    this.#freeIndexes.push(index);
    if (this.#closing) return;
    this.keepFloor();
    this.summon();
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
    this.#work.lost(index, error, this.#cannotStart() && this.threads === 0);
  }
}
