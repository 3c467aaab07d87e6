// The native threads: slots go on rings in shared memory, threads of the addon take them off and publish
// what became of them. It knows no op, and not when one more thread is worth it.
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
import { clockMs, queueMicrotask, setImmediate } from "../util/node-timers.ts";
import { Submissions } from "./submissions.ts";
import { nativeCosts, ThreadController } from "./thread-controller.ts";
import { crowded, type ThreadLimits } from "./thread-limits.ts";

/** They are taken to get on while one was done with something so lately. */
const LATELY_MS = 1;

export class Threads implements Backend {
  readonly name = "threads";
  readonly direct = null;
  readonly #words: Int32Array;
  readonly #control: Int32Array;
  readonly #completions: Completions;
  readonly #crew: Crew;
  readonly #controller: ThreadController;
  readonly #submissions: Submissions;
  readonly #done: PublishedRing;
  readonly #whyNot: (opcode: number) => string | null;
  readonly #wake: () => void;
  /** Runs what no thread can be started for. */
  readonly #rescue: Standby;
  #closed = false;
  /** The last try to start one failed. */
  #startless = false;
  /** What had been published when somebody last looked, and when that was. */
  #published = 0;
  #lookedAt = -Infinity;
  /** When something was last known to have been published a moment before. */
  #gotOnAt = -Infinity;

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
    this.#completions = completions;
    this.#wake = wake;
    this.#crew = crew;
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
    this.#whyNot = whyNot;
    this.#control[Control.ageing] = memory.control[Control.ageing]!;
    this.#controller = new ThreadController(
      memory.crew,
      memory.sizes,
      {
        backlog: () => this.#submissions.length,
        taken: () => this.#submissions.taken,
        // They start without the loop.
        booting: () => 0,
        ring: (count) => crew.ring(count),
        start: this.#start,
        watch: this.#watch,
      },
      limits,
      nativeCosts,
    );
    this.#controller.keepFloor();
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
    const { control, crew, words, bytes, requests } = memory;
    const opened = loaded.addon.openCrew(
      control,
      crew,
      words,
      bytes,
      requests,
      wake,
    );
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
    return opByCode[opcode] !== undefined && this.#whyNot(opcode) === null;
  }

  /** Why an op is left to others; null when it is not. */
  whyNot(opcode: number): string | null {
    return opByCode[opcode] === undefined ? null : this.#whyNot(opcode);
  }

  queue(slot: number): QueueStatus {
    if (!this.#submissions.push(slot)) return "busy";
    this.#controller.wakeOne();
    return "queued";
  }

  flush(): void {
    this.#controller.summon();
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

  /** Whether what is queued now begins soon: one looks for work, is on its way or would be woken, or they get on. */
  beginsSoon(): boolean {
    const control = this.#control;
    if (Atomics.load(control, Control.spinners) > 0) return true;
    if (this.#controller.isComing) return true;
    const { threads } = this.#controller;
    if (Atomics.load(control, Control.sleepers) >= threads)
      return threads > 0 || !this.#startless;
    const { published } = this.#done;
    const now = clockMs();
    // Of what was published since a look long ago nobody knows whether that was lately.
    if (published !== this.#published && now - this.#lookedAt < LATELY_MS)
      this.#gotOnAt = now;
    this.#published = published;
    this.#lookedAt = now;
    return now - this.#gotOnAt < LATELY_MS;
  }

  /** How many files were read together with others. */
  get filesRead(): number {
    return Atomics.load(this.#control, Control.filesRead) >>> 0;
  }

  cancel(slot: number): boolean {
    this.#rescue.cancel(slot);
    const unrun = this.#submissions.cancel(slot);
    if (unrun && this.#controller.threads === 0) queueMicrotask(this.#sweep);
    return unrun;
  }

  /** While there is no thread (execution is paused) the cancelled are taken off here. */
  readonly #sweep = (): void => {
    if (this.#controller.threads !== 0) return;
    this.#submissions.sweep(false, (slot) =>
      this.#completions.complete(slot, ECANCELED),
    );
    setImmediate(this.#wake);
  };

  setLimits(limits: ThreadLimits): void {
    this.#rescue.setLimits(limits);
    this.#controller.setLimits(limits);
  }

  spare(count: number, held: number): void {
    this.#controller.spare(count, held);
  }

  counts(): Counts {
    return {
      threads: this.#controller.threads,
      ready: this.#submissions.ready,
      pending: this.#done.length + this.#rescue.counts().pending,
    };
  }

  close(): Promise<void> {
    if (!this.#closed) this.#crew.close();
    this.#closed = true;
    this.#controller.close();
    return Promise.resolve();
  }

  readonly #watch = (): void => {
    if (Atomics.load(this.#control, Control.watching) === 0) this.#crew.watch();
  };

  readonly #start = (): boolean => {
    this.#startless = this.#crew.start() !== 0;
    if (this.#startless) this.#saveAll();
    return !this.#startless;
  };

  /** The system has no thread: what waits is not to wait for one where there is none. */
  #saveAll(): void {
    if (this.#controller.threads !== 0) return;
    this.#submissions.sweep(true, this.#rescue.queue);
    this.#rescue.flush();
  }
}
