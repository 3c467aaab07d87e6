// How many threads there are, and how many of them are awake: one rule for the native threads and the portable pool.
// It knows the counters in shared memory and a crew that it can wake, start or have watched; it does not know what a slot is.
//
//   work is queued -> a lingering thread takes it       (nothing to do)
//                  -> a sleeper is woken                (fewer awake than there may be)
//                  -> a thread is started               (nobody asleep, below the limit)
//                  -> some is left                      (the watch adds one of either, now and then)
import { Control, type Sizes } from "../request/layout.ts";
import {
  cores,
  writeThreadLimits,
  type ThreadLimits,
} from "./thread-limits.ts";

/** Work for so long, for those that are awake, is what one more is woken for: a wake-up costs the loop some tens of µs. */
export const WORTH_WAKING_US = 60;

/** What the loop spends on a request of its own, at the least: threads that run one in that time, all together, keep up with it. */
export const LOOP_US = 1;

export interface Crew {
  /** Queued and not yet taken. */
  backlog(): number;
  /** A count that changes whenever something is taken. */
  taken(): number;
  /** Of the threads that are counted, those that cannot work before the loop has had a turn: they are starting. */
  booting(): number;
  /** Wakes so many of those that sleep. */
  ring(count: number): void;
  /** Starts one more; false where none can be had. `needed`: there is work for it. */
  start(needed: boolean): boolean;
  /** Looks after what stays queued, until nothing does. It does so already where it was called before. */
  watch(): void;
}

/** What a thread costs, which is where native ones and isolates differ. */
export interface ThreadCosts {
  /** So many more than processors are awake for one backlog, at most. */
  awakeBeyond: number;
  /** Fewer requests, which take less than `startWorthUs` together, start no thread where there is one. */
  startBacklog: number;
  startWorthUs: number;
  /** One that was started works soon: what it is to take needs no watch. */
  startsSoon: boolean;
}

/** A thread of native code starts in some tens of µs. */
export const nativeCosts: ThreadCosts = {
  // The loop takes a processor now and then, and a thread may wait: two more are ready to go on.
  awakeBeyond: 2,
  startBacklog: 0,
  startWorthUs: 0,
  startsSoon: true,
};

/** An isolate takes 30 ms and more to start, and 10 MB to keep. */
export const isolateCosts: ThreadCosts = {
  awakeBeyond: 0,
  // Longer than a few requests take to be run; for slow ones there is the watch.
  startBacklog: 16,
  startWorthUs: 500,
  startsSoon: false,
};

export class ThreadController {
  readonly #control: Int32Array;
  readonly #threadsMax: number;
  readonly #crew: Crew;
  readonly #costs: ThreadCosts;
  readonly #processors: () => number;
  #limits: ThreadLimits;
  /** Threads there may be beyond the limit, in the place of those that are held. */
  #spare = 0;
  /** Threads that are awake and take nothing: what they run hangs. */
  #held = 0;
  /** One was woken for what is queued, when so much had been taken. */
  #wokeOne = false;
  #takenBefore = 0;
  #closed = false;

  constructor(
    control: Int32Array,
    { workersMax }: Pick<Sizes, "workersMax">,
    crew: Crew,
    limits: ThreadLimits,
    costs: ThreadCosts,
    processors = cores,
  ) {
    this.#control = control;
    this.#threadsMax = workersMax;
    this.#crew = crew;
    this.#limits = limits;
    this.#costs = costs;
    this.#processors = processors;
    this.#writeLimits();
  }

  get threads(): number {
    return Atomics.load(this.#control, Control.threads);
  }

  /** None where execution is paused, whoever is held. */
  get max(): number {
    const { maxParallel } = this.#limits;
    return maxParallel === 0
      ? 0
      : Math.min(maxParallel + this.#spare, this.#threadsMax);
  }

  #writeLimits(): void {
    writeThreadLimits(this.#control, this.#limits, this.max);
  }

  /** As many more may be started; so many are held, and count as none. Those too many leave. */
  spare(count: number, held: number): void {
    this.#held = held;
    if (count === this.#spare) return;
    this.#spare = count;
    this.#writeLimits();
  }

  /** Takes effect at once: threads too many leave when they are done with what they run. */
  setLimits(limits: ThreadLimits): void {
    this.#limits = limits;
    this.#writeLimits();
    if (this.#closed) return;
    this.wakeAll();
    this.keepFloor();
    this.summon();
  }

  /** True to its name, unlike libeio's: so many threads are there, idle or not. */
  keepFloor(): void {
    const { minParallel, maxParallel } = this.#limits;
    const floor = Math.min(minParallel, maxParallel);
    while (!this.#closed && this.threads < floor)
      if (!this.#crew.start(false)) return;
  }

  /**
   * Where all sleep that could work, one wakes at once: the loop may be blocked before anybody is summoned. A thread counts
   * itself among the sleepers before it looks for work for the last time, so that nothing falls between.
   */
  wakeOne(): void {
    const sleepers = Atomics.load(this.#control, Control.sleepers);
    if (sleepers === 0) return;
    const { threads } = this;
    if (sleepers < threads && sleepers + this.#crew.booting() < threads) return;
    this.#crew.ring(1);
    this.#wokeOne = true;
    this.#takenBefore = this.#crew.taken();
  }

  /** Whoever was woken for what is queued is on its way, until something is taken. */
  get isComing(): boolean {
    return this.#wokeOne && this.#crew.taken() === this.#takenBefore;
  }

  wakeAll(): void {
    this.#crew.ring(this.#threadsMax);
  }

  /** Something was queued: is there somebody to take it? */
  summon(): void {
    const backlog = this.#crew.backlog();
    if (backlog === 0 || this.#closed) return;
    const control = this.#control;
    const need = backlog - Atomics.load(control, Control.spinners);
    // Those that are held will not take it, and nobody has to notice that first.
    const { threads } = this;
    const usable = Math.max(0, threads - this.#held);
    if (need <= 0 && usable > 0) return;
    const sleepers = Atomics.load(control, Control.sleepers);
    const serviceUs = Atomics.load(control, Control.serviceNs) / 1000;
    const awake = Math.max(0, usable - sleepers);
    const wanted = Math.min(need, this.#worth(backlog, serviceUs) - awake);
    const more = Math.max(wanted, usable === 0 ? 1 : 0);
    const added = this.#add(
      usable > 0 && this.#isFew(backlog, serviceUs)
        ? Math.min(more, sleepers)
        : more,
    );
    if (need > added && threads - sleepers < this.max) this.#crew.watch();
  }

  /** One more, by the watch: a sleeper or, if it may, a new thread. */
  addOne(mayStart: boolean): void {
    const sleepers = Atomics.load(this.#control, Control.sleepers);
    if (sleepers > 0 || mayStart) this.#add(1);
  }

  /** How many awake threads such a backlog is worth. */
  #worth(backlog: number, serviceUs: number): number {
    const known = serviceUs !== 0;
    const worth = known
      ? Math.ceil((backlog * serviceUs) / WORTH_WAKING_US)
      : backlog;
    // More would take processors from the loop, which feeds them, and from each other.
    const keepUp = known ? Math.ceil(serviceUs / LOOP_US) : Infinity;
    const most = this.#processors() + this.#costs.awakeBeyond;
    return Math.max(1, Math.min(worth, most, keepUp));
  }

  #isFew(backlog: number, serviceUs: number): boolean {
    const { startBacklog, startWorthUs } = this.#costs;
    return backlog < startBacklog && backlog * serviceUs < startWorthUs;
  }

  /**
   * Wakes sleepers first, then starts threads, as far as there may be more. A sleeper that was not asleep yet when the
   * bell rang sees that it rang, so it counts as woken, too. Returns how many will soon take something.
   */
  #add(count: number): number {
    if (count <= 0) return 0;
    const sleepers = Atomics.load(this.#control, Control.sleepers);
    const woken = Math.min(count, sleepers);
    if (woken > 0) this.#crew.ring(woken);
    const starts = Math.min(count - sleepers, this.max - this.threads);
    let started = 0;
    while (started < starts && this.#crew.start(true)) started++;
    return woken + (this.#costs.startsSoon ? started : 0);
  }

  /** A thread has left or died: what it leaves behind may need another. */
  replace(): void {
    if (this.#closed) return;
    this.keepFloor();
    this.summon();
  }

  /** From now on nobody is woken or started. */
  close(): void {
    this.#closed = true;
  }
}
