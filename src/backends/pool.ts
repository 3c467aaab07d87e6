// The pool: workers that make the synchronous calls. Piscina owns the threads; each of its tasks
// is one resident drain (workers/worker.ts) that takes slots off the rings in shared memory. This
// file decides how many drains there are and when one is woken. It does not know what ops do.
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { opByCode } from "../ops/table.ts";
import {
  Control,
  MainState,
  RINGS,
  SLOT_WORDS,
  Slot,
  Special,
  State,
  completionRing,
  submissionRing,
} from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { Ring } from "../request/ring.ts";
import type { Backend, Completions, Counts, QueueStatus } from "./backend.ts";
import { cores, writeThreadLimits, type ThreadLimits } from "./threads.ts";

/** Queued on the rings and not yet begun, at most: more would only queue behind priorities. */
const READY_MAX = 256;
/** A backlog that did not move for this long means that all workers are stuck in slow calls. */
const STALL_MS = 1;
/** Drains that die before they have begun, in a row, until the pool gives up on what is queued. */
const FAILED_STARTS_MAX = 3;

const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/worker.js" : "./worker.js",
  import.meta.url,
);

interface Message {
  slot: number;
  generation: number;
  result: number;
  value?: unknown;
  error?: unknown;
}

/** What piscina keeps of a worker; only reachable through the symbol on what it hands to events. */
interface KeepAlive {
  unref(): unknown;
}

export interface PoolOptions {
  limits: ThreadLimits;
  resourceLimits?: import("node:worker_threads").ResourceLimits | undefined;
}

export class Pool implements Backend {
  readonly name = "pool";
  readonly #memory: Memory;
  readonly #completions: Completions;
  readonly #wake: () => void;
  readonly #rings: Ring[] = [];
  readonly #done: Ring[] = [];
  readonly #freeIndexes: number[] = [];
  readonly #ports = new Map<number, MessagePort>();
  readonly #kept = new Set<KeepAlive>();
  #limits: ThreadLimits;
  #piscina: Piscina | undefined;
  readonly #resourceLimits: PoolOptions["resourceLimits"];
  #indexesUsed = 0;
  #nextDone = 0;
  #stalled: NodeJS.Timeout | undefined;
  #takenBefore = 0;
  #startedBefore = 0;
  #failedStarts = 0;
  #waiting = false;
  #closing = false;
  readonly #drains = new Set<Promise<void>>();

  constructor(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    options: PoolOptions,
  ) {
    this.#memory = memory;
    this.#completions = completions;
    this.#wake = wake;
    this.#limits = options.limits;
    this.#resourceLimits = options.resourceLimits;
    const { control, sizes } = memory;
    for (let i = 0; i < RINGS; i++)
      this.#rings.push(
        new Ring(control, submissionRing(sizes, i), sizes.slots),
      );
    for (let i = 0; i < sizes.workersMax; i++) {
      this.#done.push(new Ring(control, completionRing(sizes, i), sizes.slots));
      this.#freeIndexes.unshift(i);
    }
    writeThreadLimits(control, options.limits);
    this.#ensureMinimum();
  }

  supports(opcode: number): boolean {
    return opByCode[opcode] !== undefined;
  }

  /** Takes effect at once: workers too many leave when they are done with what they run. */
  setLimits(limits: ThreadLimits): void {
    this.#limits = limits;
    writeThreadLimits(this.#memory.control, limits);
    this.#ring(Infinity);
    this.#ensureMinimum();
    this.flush();
  }

  queue(slot: number): QueueStatus {
    const { words } = this.#memory;
    const base = slot * SLOT_WORDS;
    const level = words[base + Slot.level]!;
    const ring = this.#rings[level > 4 ? 0 : level === 4 ? 1 : 2]!;
    if (ring.length >= READY_MAX) return "busy";
    Atomics.store(words, base + Slot.state, State.queued);
    ring.push(slot);
    return "queued";
  }

  flush(): void {
    const backlog = this.#backlog();
    if (backlog === 0 || this.#closing) return;
    const { control } = this.#memory;
    const sleepers = Atomics.load(control, Control.sleepers);
    const threads = Atomics.load(control, Control.threads);
    const need = backlog - Atomics.load(control, Control.spinners);
    const may = cores - (threads - sleepers);
    const more = Math.min(need, may);
    if (more > 0) this.#add(more, sleepers, threads);
    else if (threads === 0) this.#add(1, 0, 0);
    if (this.#stalled === undefined && need > 0) this.#watch();
  }

  reap(): number {
    let count = 0;
    const rings = this.#indexesUsed;
    const { words } = this.#memory;
    // A different worker's ring comes first each time, so that none waits behind the others.
    if (++this.#nextDone >= rings) this.#nextDone = 0;
    for (let i = 0; i < rings; i++) {
      const at = this.#nextDone + i;
      const ring = this.#done[at < rings ? at : at - rings]!;
      for (let slot = ring.shift(); slot !== -1; slot = ring.shift()) {
        count++;
        if (
          !this.#completions.complete(
            slot,
            words[slot * SLOT_WORDS + Slot.result]!,
          )
        )
          return count;
      }
    }
    return count;
  }

  arm(): boolean {
    const { control } = this.#memory;
    Atomics.store(control, Control.mainState, MainState.armed);
    if (this.#pending() !== 0) {
      this.disarm();
      return false;
    }
    if (!this.#waiting) this.#wait();
    return true;
  }

  disarm(): void {
    Atomics.store(this.#memory.control, Control.mainState, MainState.awake);
  }

  cancel(slot: number): boolean {
    const { words } = this.#memory;
    const base = slot * SLOT_WORDS;
    Atomics.store(words, base + Slot.cancelled, 1);
    const was = Atomics.compareExchange(
      words,
      base + Slot.state,
      State.queued,
      State.cancelled,
    );
    return was === State.queued;
  }

  counts(): Counts {
    const threads = Atomics.load(this.#memory.control, Control.threads);
    return { threads, ready: this.#backlog(), pending: this.#pending() };
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#stalled);
    Atomics.store(this.#memory.control, Control.closing, 1);
    this.#ring(Infinity);
    await Promise.allSettled(this.#drains);
    for (const port of this.#ports.values()) port.close();
    await this.#piscina?.destroy();
  }

  #backlog(): number {
    let sum = 0;
    for (let i = 0; i < RINGS; i++) sum += this.#rings[i]!.length;
    return sum;
  }

  #pending(): number {
    let sum = 0;
    for (let i = 0; i < this.#indexesUsed; i++) sum += this.#done[i]!.length;
    return sum;
  }

  #ensureMinimum(): void {
    const { minParallel, maxParallel } = this.#limits;
    const floor = Math.min(minParallel, maxParallel);
    while (Atomics.load(this.#memory.control, Control.threads) < floor)
      if (!this.#start()) break;
  }

  /** Wakes sleepers first, then starts threads. */
  #add(count: number, sleepers: number, threads: number): void {
    const woken = sleepers > 0 ? this.#ring(Math.min(count, sleepers)) : 0;
    for (
      let i = woken;
      i < count && threads + i - woken < this.#limits.maxParallel;
      i++
    )
      if (!this.#start()) break;
  }

  #ring(count: number): number {
    const { control } = this.#memory;
    Atomics.add(control, Control.doorbell, 1);
    const woken = Atomics.notify(control, Control.doorbell, count);
    Atomics.sub(control, Control.sleepers, woken);
    return woken;
  }

  /** While a backlog stands still, one more worker every so often, up to the limit. */
  #watch(): void {
    this.#takenBefore = this.#taken();
    this.#stalled = setTimeout(() => {
      this.#stalled = undefined;
      if (this.#backlog() === 0 || this.#closing) return;
      const { control } = this.#memory;
      if (this.#taken() === this.#takenBefore)
        this.#add(
          1,
          Atomics.load(control, Control.sleepers),
          Atomics.load(control, Control.threads),
        );
      this.#watch();
    }, STALL_MS);
  }

  #taken(): number {
    let sum = 0;
    for (let i = 0; i < RINGS; i++) sum = (sum + this.#rings[i]!.taken) | 0;
    return sum;
  }

  #wait(): void {
    const { control } = this.#memory;
    const bell = Atomics.load(control, Control.mainBell);
    if (Atomics.load(control, Control.mainState) === MainState.awake)
      return void queueMicrotask(this.#wake);
    const waiting = Atomics.waitAsync(control, Control.mainBell, bell);
    if (!waiting.async) return void queueMicrotask(this.#wake);
    this.#waiting = true;
    void waiting.value.then(() => {
      this.#waiting = false;
      this.#wake();
    });
  }

  #start(): boolean {
    const index = this.#freeIndexes.pop();
    if (index === undefined || this.#closing) return false;
    this.#indexesUsed = Math.max(this.#indexesUsed, index + 1);
    const { control, shared } = this.#memory;
    Atomics.add(control, Control.threads, 1);
    const { port1, port2 } = new MessageChannel();
    port1.on("message", (message: Message) => this.#moved(message));
    port1.unref();
    this.#ports.set(index, port1);
    const running = this.#threads().run(
      { shared, index, port: port2 },
      { transferList: [port2] },
    );
    const drain = (running as Promise<void>)
      .then(
        () => (this.#failedStarts = 0),
        (error: unknown) => this.#died(index, error),
      )
      .then(() => this.#left(index));
    this.#drains.add(drain);
    void drain.finally(() => this.#drains.delete(drain));
    this.#letExit();
    return true;
  }

  #threads(): Piscina {
    if (this.#piscina !== undefined) return this.#piscina;
    const piscina = new Piscina({
      filename: workerFile.href,
      minThreads: 0,
      maxThreads: this.#memory.sizes.workersMax,
      maxQueue: Infinity,
      idleTimeout: 50,
      // Descriptors that a worker opened belong to the process, not to the worker.
      trackUnmanagedFds: false,
      ...(this.#resourceLimits ? { resourceLimits: this.#resourceLimits } : {}),
    });
    piscina.on("workerCreate", (worker: object) => {
      const key = Object.getOwnPropertySymbols(worker)[0];
      const info = key && (worker as Record<symbol, KeepAlive>)[key];
      if (info) this.#kept.add(info);
      // The task is handed over in this same turn, and refs the port once more.
      queueMicrotask(() => this.#letExit());
    });
    piscina.on("workerDestroy", (worker: object) => {
      const key = Object.getOwnPropertySymbols(worker)[0];
      if (key) this.#kept.delete((worker as Record<symbol, KeepAlive>)[key]!);
    });
    piscina.on("error", () => {
      // Every failure also rejects the run() that it belongs to.
    });
    this.#piscina = piscina;
    return piscina;
  }

  /** A resident drain is a task without end: it must not keep an idle process alive. */
  #letExit(): void {
    for (const info of this.#kept) info.unref();
  }

  #moved(message: Message): void {
    const base = message.slot * SLOT_WORDS;
    if (this.#memory.words[base + Slot.generation] !== message.generation)
      return;
    this.#completions.complete(message.slot, message.result, message);
    this.#wake();
  }

  #left(index: number): void {
    this.#freeIndexes.push(index);
    this.#ports.get(index)?.close();
    this.#ports.delete(index);
    if (this.#closing) return;
    this.#ensureMinimum();
    this.flush();
  }

  /** Fails what the worker had claimed, and nothing else. */
  #died(index: number, error: unknown): void {
    const { control, words, sizes } = this.#memory;
    while (this.reap() !== 0);
    const started = Atomics.load(control, Control.started);
    this.#failedStarts =
      started === this.#startedBefore ? this.#failedStarts + 1 : 0;
    this.#startedBefore = started;
    Atomics.sub(control, Control.threads, 1);
    const lost = this.#failedStarts >= FAILED_STARTS_MAX ? State.queued : -1;
    for (let slot = 0; slot < sizes.slots; slot++) {
      const state = Atomics.load(words, slot * SLOT_WORDS + Slot.state);
      if (state !== State.running + index && state !== lost) continue;
      if (state === lost && !this.cancel(slot)) continue;
      this.#completions.complete(slot, Special.workerLost, { error });
    }
    this.#wake();
  }
}
