// The native threads: slots go on rings in shared memory, threads of the addon take them off and publish
// what became of them. This side decides when one is woken or started; it knows no op.
import { opByCode } from "../ops/table.ts";
import {
  Control,
  MainState,
  SLOT_WORDS,
  Slot,
  crewCompletions,
} from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED } from "../request/request.ts";
import { PublishedRing } from "../request/ring.ts";
import type { Backend, Completions, Counts, QueueStatus } from "./backend.ts";
import { loadNative, type Crew } from "./native.ts";
import { OwnThread } from "./own-thread.ts";
import { Standby } from "./standby.ts";
import { queueMicrotask, setImmediate } from "../util/node-timers.ts";
import { Submissions } from "./submissions.ts";
import {
  cores,
  crowded,
  writeThreadLimits,
  type ThreadLimits,
} from "./thread-limits.ts";

/** Work for so long, for those that are awake, is what one more thread is woken for. */
const WORTH_WAKING_US = 60;
/** Awake at most are so many more than processors: the loop takes one of these now and then, and a thread may wait. */
const AWAKE_BEYOND_CORES = 2;

export class Threads implements Backend {
  readonly name = "threads";
  readonly direct = null;
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  readonly #workersMax: number;
  readonly #completions: Completions;
  readonly #crew: Crew;
  readonly #submissions: Submissions;
  readonly #done: PublishedRing;
  readonly #whyNot: (string | null)[];
  readonly #wake: () => void;
  /** Runs what no thread can be started for. */
  readonly #rescue: Standby;
  #limits: ThreadLimits;
  /** Threads there may be beyond the limit, in the place of those that are held. */
  #spare = 0;
  /** Threads that are awake and take nothing: what they run hangs. */
  #held = 0;
  #closed = false;

  private constructor(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    limits: ThreadLimits,
    readyMax: number | undefined,
    crew: Crew,
    whyNot: (opcode: number) => string | null,
  ) {
    this.#words = memory.words;
    this.#control = memory.crew;
    this.#workersMax = memory.sizes.workersMax;
    this.#completions = completions;
    this.#wake = wake;
    this.#crew = crew;
    this.#limits = limits;
    this.#rescue = new Standby(
      (limits) => new OwnThread(memory, completions, wake, limits),
      limits,
    );
    this.#submissions = new Submissions(memory.crew, memory, readyMax);
    this.#done = new PublishedRing(
      memory.crew,
      crewCompletions(memory.sizes),
      memory.sizes.slots,
    );
    this.#whyNot = opByCode.map((_op, code) => whyNot(code));
    this.#control[Control.ageing] = memory.control[Control.ageing]!;
    this.#writeLimits();
    this.#keepFloor();
  }

  /** A text says why there are none. */
  static open(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    limits: ThreadLimits,
    readyMax?: number,
  ): Threads | string {
    const loaded = loadNative();
    if (loaded.addon === null) return `no native code: ${loaded.reason}`;
    const { control, crew, words, bytes } = memory;
    const opened = loaded.addon.openCrew(control, crew, words, bytes, wake);
    return typeof opened === "string"
      ? opened
      : new Threads(
          memory,
          completions,
          wake,
          limits,
          readyMax,
          opened,
          loaded.addon.whyNotRun,
        );
  }

  supports(opcode: number): boolean {
    return this.#whyNot[opcode] === null;
  }

  /** Why an op is left to others; null when it is not. */
  whyNot(opcode: number): string | null {
    return this.#whyNot[opcode] ?? null;
  }

  queue(slot: number): QueueStatus {
    if (!this.#submissions.push(slot)) return "busy";
    this.#wakeOne();
    return "queued";
  }

  /** As the pool's thread controller. */
  #wakeOne(): void {
    const control = this.#control;
    const sleepers = Atomics.load(control, Control.sleepers);
    if (sleepers > 0 && sleepers >= Atomics.load(control, Control.threads))
      this.#crew.ring(1);
  }

  /** Something was queued: is there a thread to take it? */
  flush(): void {
    const control = this.#control;
    const backlog = this.#submissions.length;
    const need = backlog - Atomics.load(control, Control.spinners);
    if (need <= 0) return;
    const sleepers = Atomics.load(control, Control.sleepers);
    const threads = Atomics.load(control, Control.threads);
    const usable = Math.max(0, threads - this.#held);
    const awake = Math.max(0, usable - sleepers);
    const more = Math.min(need, this.#wanted(backlog) - awake);
    if (more > 0) this.#add(more, sleepers, threads);
    else if (usable === 0) this.#add(1, sleepers, threads);
    if (Atomics.load(control, Control.watching) !== 0) return;
    if (need > Math.max(more, 0) && threads - sleepers < this.#max)
      this.#crew.watch();
  }

  reap(): number {
    let count = 0;
    // A callback may hand over more, and that may be done at once: it is for the next look.
    for (let left = this.#done.length; left > 0; left--) {
      const slot = this.#done.shift();
      if (slot === -1) break; // A thread has taken its place and not filled it yet.
      count++;
      const result = this.#words[slot * SLOT_WORDS + Slot.result]!;
      if (!this.#completions.complete(slot, result)) return count;
    }
    return count + this.#rescue.reap();
  }

  arm(): boolean {
    if (!this.#rescue.arm()) return false;
    Atomics.store(this.#control, Control.mainState, MainState.armed);
    if (this.#done.length === 0) return true;
    this.disarm();
    return false;
  }

  disarm(): void {
    this.#rescue.disarm();
    Atomics.store(this.#control, Control.mainState, MainState.awake);
  }

  crowded(): boolean {
    return crowded(this.#control);
  }

  cancel(slot: number): boolean {
    this.#rescue.cancel(slot);
    const unrun = this.#submissions.cancel(slot);
    if (unrun && this.#threads === 0) queueMicrotask(this.#sweep);
    return unrun;
  }

  /** While there is no thread (execution is paused) the cancelled are taken off here. */
  readonly #sweep = (): void => {
    if (this.#threads !== 0) return;
    this.#submissions.sweep(false, (slot) =>
      this.#completions.complete(slot, ECANCELED),
    );
    setImmediate(this.#wake);
  };

  /** Takes effect at once: threads too many leave when they are done with what they run. */
  setLimits(limits: ThreadLimits): void {
    this.#limits = limits;
    this.#rescue.setLimits(limits);
    this.#writeLimits();
    if (this.#closed) return;
    this.#crew.ring(this.#workersMax);
    this.#keepFloor();
    this.flush();
  }

  spare(count: number, held: number): void {
    this.#held = held;
    if (count === this.#spare) return;
    this.#spare = count;
    this.#writeLimits();
  }

  counts(): Counts {
    return {
      threads: this.#threads,
      ready: this.#submissions.ready,
      pending: this.#done.length + this.#rescue.counts().pending,
    };
  }

  close(): Promise<void> {
    if (!this.#closed) this.#crew.close();
    this.#closed = true;
    return Promise.resolve();
  }

  get #threads(): number {
    return Atomics.load(this.#control, Control.threads);
  }

  /** None where execution is paused, whoever is held. */
  get #max(): number {
    const { maxParallel } = this.#limits;
    return maxParallel === 0
      ? 0
      : Math.min(maxParallel + this.#spare, this.#workersMax);
  }

  #writeLimits(): void {
    writeThreadLimits(this.#control, this.#limits, this.#max);
  }

  #keepFloor(): void {
    const { minParallel, maxParallel } = this.#limits;
    const floor = Math.min(minParallel, maxParallel);
    while (this.#threads < floor) if (this.#crew.start() !== 0) break;
  }

  /**
   * How many threads such a backlog is worth. To wake one costs the loop as much as some tens of small
   * reads cost a thread that is awake already.
   */
  #wanted(backlog: number): number {
    const serviceUs = Atomics.load(this.#control, Control.serviceNs) / 1000;
    const worth =
      serviceUs === 0
        ? backlog
        : Math.ceil((backlog * serviceUs) / WORTH_WAKING_US);
    return Math.max(1, Math.min(worth, cores() + AWAKE_BEYOND_CORES));
  }

  /** Wakes sleepers first, then starts threads, as far as there may be more. */
  #add(count: number, sleepers: number, threads: number): void {
    if (sleepers > 0) this.#crew.ring(Math.min(count, sleepers));
    const starts = Math.min(count - sleepers, this.#max - threads);
    for (let i = 0; i < starts; i++)
      if (this.#crew.start() !== 0) return this.#saveAll();
  }

  /** The system has no thread: what waits is not to wait for one where there is none. */
  #saveAll(): void {
    if (this.#threads !== 0) return;
    this.#submissions.sweep(true, this.#rescue.queue);
    this.#rescue.flush();
  }
}
