// The pool: workers that make the synchronous calls. Each is a resident thread whose task is one drain
// (workers/worker.ts) that takes slots off the rings in shared memory. It does not know when one more is worth it
// (thread-controller.ts, backlog-watch.ts), nor what ops do.
import fs from "node:fs";
import { MessageChannel } from "node:worker_threads";
import { opByCode } from "../ops/table.ts";
import type { Direct } from "../request/codec.ts";
import {
  SLOT_WORDS,
  START,
  Outcome,
  Control,
  Slot,
  Special,
  State,
  completionRing,
} from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED } from "../request/request.ts";
import { Ring } from "../request/ring.ts";
import type { Backend, Completions, Counts, QueueStatus } from "./backend.ts";
import { WakeUp } from "./wake-up.ts";
import { BacklogWatch, type Clock } from "./backlog-watch.ts";
import { Drains, type DrainRunner } from "./drains.ts";
import { isolateCosts, ThreadController } from "./thread-controller.ts";
import { loadDrain } from "./drain.ts";
import { workersDirect } from "./direct.ts";
import { Transferred } from "./transferred.ts";
import { nativeFile } from "./native.ts";
import { OwnThread } from "./own-thread.ts";
import { ResidentThreads, whyNoResidents } from "./resident-threads.ts";
import { Standby } from "./standby.ts";
import { Submissions } from "./submissions.ts";
import { cores, crowded, POOL_WORKER, workerFile } from "./thread-limits.ts";
import type { ThreadLimits } from "./thread-limits.ts";
import { hasNoPlace, noRoomFor } from "./worker-starts.ts";
import {
  clearTimeout,
  clockMs,
  queueMicrotask,
  setImmediate,
  setTimeout,
} from "../util/node-timers.ts";

/** null where workers can be started. */
export function whyNoWorkers(): string | null {
  const why = whyNoResidents() ?? ownDescriptors();
  if (why !== null) return why;
  if (!fs.existsSync(workerFile)) return `there is no ${workerFile}`;
  return noRoomFor(1);
}

/** Deno's descriptors mean something only in the thread that opened them: what one worker opens no other can read. */
function ownDescriptors(): string | null {
  const { deno } = process.versions;
  return deno === undefined
    ? null
    : `the descriptors of Deno ${deno} belong to the thread that opened them`;
}

export interface PoolOptions {
  limits: ThreadLimits;
  resourceLimits?: import("node:worker_threads").ResourceLimits | undefined;
  /** Requests handed to the workers and not begun, per priority. */
  readyMax?: number;
}

/** The clock of this process. */
const clock: Clock = {
  nowMs: clockMs,
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  after(ms, call) {
    const timer = setTimeout(call, ms).unref();
    return () => clearTimeout(timer);
  },
  processors: cores,
};

export class Pool implements Backend, DrainRunner {
  readonly name = "pool";
  readonly direct: Direct | null;
  readonly #memory: Memory;
  readonly #completions: Completions;
  readonly #wake: () => void;
  readonly #submissions: Submissions;
  readonly #done: Ring[] = [];
  readonly #controller: ThreadController;
  readonly #drains: Drains;
  readonly #watch: BacklogWatch;
  readonly #wakeUp: WakeUp;
  readonly #moved = new Transferred();
  #starts = 0;
  readonly #threads: ResidentThreads;
  #nextDone = 0;
  /** Runs what no worker can be started for. */
  readonly #rescue: Standby;
  /** For all workers: the memory is shared with native code or it is not. */
  readonly #native: string | null;

  constructor(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    options: PoolOptions,
  ) {
    this.#memory = memory;
    this.#completions = completions;
    this.#wake = wake;
    this.#wakeUp = new WakeUp(memory.control, wake);
    const { control, sizes } = memory;
    this.#threads = new ResidentThreads({
      file: workerFile,
      threadsMax: sizes.workersMax,
      options: {
        workerData: POOL_WORKER,
        resourceLimits: options.resourceLimits,
        // Descriptors that a worker opened belong to the process, not to the worker.
        trackUnmanagedFds: false,
      },
    });
    this.#submissions = new Submissions(control, memory, options.readyMax);
    for (let i = 0; i < sizes.workersMax; i++)
      this.#done.push(new Ring(control, completionRing(sizes, i), sizes.slots));
    this.direct = workersDirect(memory);
    this.#native = this.direct === null ? null : nativeFile();
    this.#rescue = new Standby(
      (limits) => new OwnThread(memory, completions, wake, limits),
      options.limits,
    );
    this.#drains = new Drains(memory, this);
    this.#watch = new BacklogWatch(clock, {
      backlog: this.#backlog,
      taken: () => this.#submissions.taken,
      serviceUs: () => Atomics.load(control, Control.serviceNs) / 1000,
      sleepingOf1000: () => Atomics.load(control, Control.sleeping),
      booting: () => this.#drains.booting !== 0,
      addOne: (mayStart) => this.#controller.addOne(mayStart),
    });
    this.#controller = new ThreadController(
      control,
      sizes,
      {
        backlog: this.#backlog,
        taken: () => this.#submissions.taken,
        booting: () => this.#drains.booting,
        ring: this.#ring,
        start: (needed) => this.#drains.start(needed),
        watch: () => this.#watch.start(),
      },
      options.limits,
      isolateCosts,
    );
    this.#controller.keepFloor();
  }

  supports(opcode: number): boolean {
    return opByCode[opcode] !== undefined;
  }

  setLimits(limits: ThreadLimits): void {
    this.#rescue.setLimits(limits);
    this.#drains.forgetFailures();
    this.#controller.setLimits(limits);
  }

  queue(slot: number): QueueStatus {
    if (!this.#submissions.push(slot)) return "busy";
    this.#controller.wakeOne();
    return "queued";
  }

  flush(): void {
    this.#controller.summon();
  }

  spare(count: number, held: number): void {
    this.#controller.spare(count, held);
  }

  reap(): number {
    let count = 0;
    const rings = this.#drains.indexesUsed;
    // A different worker's ring comes first each time, so that none waits behind the others.
    if (++this.#nextDone >= rings) this.#nextDone = 0;
    for (let i = 0; i < rings; i++) {
      const next = this.#nextDone + i;
      const at = next < rings ? next : next - rings;
      const ring = this.#done[at]!;
      for (let slot = ring.shift(); slot !== -1; slot = ring.shift()) {
        count++;
        if (!this.#complete(at, slot)) return count;
      }
    }
    return count + this.#rescue.reap();
  }

  #complete(index: number, slot: number): boolean {
    const { words } = this.#memory;
    const base = slot * SLOT_WORDS;
    if (words[base + Slot.outcome] !== Outcome.moved)
      return this.#completions.complete(slot, words[base + Slot.result]!);
    const message = this.#moved.take(index, slot)!;
    return this.#completions.complete(slot, message.result, message);
  }

  arm(): boolean {
    if (!this.#rescue.arm()) return false;
    return this.#wakeUp.arm(this.#pending);
  }

  disarm(): void {
    this.#rescue.disarm();
    this.#wakeUp.disarm();
  }

  crowded(): boolean {
    return crowded(this.#memory.control);
  }

  cancel(slot: number): boolean {
    this.#rescue.cancel(slot);
    const unrun = this.#submissions.cancel(slot);
    if (unrun && this.#controller.threads === 0) queueMicrotask(this.#sweep);
    return unrun;
  }

  /** While there is no worker (execution is paused) the cancelled are taken off here. */
  readonly #sweep = (): void => {
    if (this.#controller.threads !== 0) return;
    this.#submissions.sweep(false, (slot) =>
      this.#completions.complete(slot, ECANCELED),
    );
    setImmediate(this.#wake);
  };

  /** Starts one if there is nobody, and waits until all who were started run. */
  async ready(): Promise<void> {
    const { threads, max } = this.#controller;
    if (threads === 0 && max !== 0) this.#drains.start(true);
    await this.#drains.ready();
  }

  counts(): Counts {
    return {
      threads: this.#controller.threads,
      ready: this.#submissions.ready,
      pending: this.#pending(),
    };
  }

  async close(): Promise<void> {
    this.#watch.stop();
    this.#controller.close();
    Atomics.store(this.#memory.control, Control.closing, 1);
    this.#controller.wakeAll();
    await this.#drains.close();
    await this.#threads.destroy();
    this.#wakeUp.close();
  }

  readonly #backlog = (): number => this.#submissions.length;

  /** Whoever rings takes the woken off the count of sleepers. */
  readonly #ring = (count: number): void => {
    const { control } = this.#memory;
    Atomics.add(control, Control.doorbell, 1);
    const woken = Atomics.notify(control, Control.doorbell, count);
    Atomics.sub(control, Control.sleepers, woken);
  };

  async run(index: number): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    this.#moved.open(index, port1);
    const { control, shared, sizes } = this.#memory;
    const start = ++this.#starts;
    const at = completionRing(sizes, index) + START;
    Atomics.store(control, at, start);
    const native = this.#native;
    try {
      await this.#threads.run({
        task: { shared, index, start, native, port: port2 },
        transfer: [port2],
        claim: { words: control, at, number: start },
      });
    } finally {
      this.#moved.close(index);
    }
  }

  /**
   * A thread that starts needs the loop for that. Those that have begun do what it was to run; where there are none it is
   * run on the loop's own.
   */
  runHere(): void {
    if (this.#submissions.length === 0) return;
    if (this.#drains.begun) return this.#controller.wakeAll();
    const drain = loadDrain();
    if (drain === undefined || this.#controller.max === 0) return;
    const index = this.#drains.takeIndex();
    if (index === undefined) return;
    const { control, shared, sizes } = this.#memory;
    Atomics.store(control, Control.threadsMax, this.#controller.threads);
    Atomics.store(control, Control.closing, 1);
    const { port1, port2 } = new MessageChannel();
    this.#moved.open(index, port1);
    const start = ++this.#starts;
    Atomics.store(control, completionRing(sizes, index) + START, start);
    drain({ shared, index, start, native: this.#native, port: port2 });
  }

  left(): void {
    this.#controller.replace();
  }

  lost(index: number, error: unknown, hopeless: boolean): void {
    const { words, sizes } = this.#memory;
    while (this.reap() !== 0);
    const fail = (slot: number): boolean =>
      this.#completions.complete(slot, Special.workerLost, { error });
    for (let slot = 0; slot < sizes.slots; slot++) {
      const state = Atomics.load(words, slot * SLOT_WORDS + Slot.state);
      if (state !== State.running + index) continue;
      // It may have died between sending a value and saying so.
      const sent = this.#moved.take(index, slot);
      if (sent === undefined) fail(slot);
      else this.#completions.complete(slot, sent.result, sent);
    }
    if (hopeless)
      this.#submissions.sweep(
        true,
        hasNoPlace(error) ? this.#rescue.queue : fail,
      );
    this.#rescue.flush();
    setImmediate(this.#wake);
  }

  readonly #pending = (): number => {
    let sum = this.#rescue.counts().pending;
    for (let i = 0; i < this.#drains.indexesUsed; i++)
      sum += this.#done[i]!.length;
    return sum;
  };
}
