// The last resort, where a process may have neither workers nor native code, or where no worker can start:
// the executor of the workers on the thread that calls, with Node's own fs. It knows when slots are run, not
// what their ops do.
import type fs from "node:fs";
import { errnoOf } from "../request/errors.ts";
import { opByCode } from "../ops/table.ts";
import { SLOT_WORDS, Slot, Special, State } from "../request/layout.ts";
import type { Memory, SharedMemory } from "../request/memory.ts";
import { ECANCELED } from "../request/request.ts";
import type {
  Backend,
  RunnerName,
  Completions,
  Counts,
  MovedValue,
  QueueStatus,
} from "./backend.ts";
import { attachNative, nativeFile } from "./native.ts";
import type { ThreadLimits } from "./thread-limits.ts";
import { loadWorker } from "./worker-module.ts";
import { clockMs, queueMicrotask, setImmediate } from "../util/node-timers.ts";
import { isMainThread } from "../util/main-thread.ts";
import { nodeCallback } from "../util/node-fs.ts";
import { wantsDescriptor } from "../util/shortage.ts";

/** Then everybody else on the loop has a turn. */
const TURN_MS = 5;

type Message = MovedValue & { slot: number; result: number };

/** The one of workers/own-thread.ts, in the built worker. */
interface Executor {
  readonly MOVED: number;
  ownThread(
    shared: SharedMemory,
    native: string | null,
    port: { postMessage(message: Message, transfer: ArrayBuffer[]): void },
    node: Node,
  ): (slot: number) => number | Promise<number>;
}

type Node = Pick<
  typeof fs,
  "open" | "read" | "write" | "readFile" | "writeFile"
>;
const node = Object.fromEntries(
  ["open", "read", "write", "readFile", "writeFile"].map((name) => [
    name,
    nodeCallback(name),
  ]),
) as unknown as Node;

/** In a thread of the user's: descriptors from here that Node knows, until whoever is given them looks. */
export const openedByNode = new Set<number>();

/** Runs slots, and leaves what does not fit one with the port. */
export interface Execution {
  /** The outcome of a slot whose value went to the port. */
  readonly moved: number;
  run(slot: number): number | Promise<number>;
}
export type Execute = (
  memory: Memory,
  port: { postMessage(message: Message, transfer: ArrayBuffer[]): void },
) => Execution;

/** By the executors of the workers, with Node's own fs. */
const withNode: Execute = (memory, port) => {
  const { MOVED, ownThread } = loadWorker() as Executor;
  // Its executors may leave results in blocks.
  attachNative(memory);
  return {
    moved: MOVED,
    run: ownThread(memory.shared, nativeFile(), port, node),
  };
};

interface Done {
  slot: number;
  result: number;
  moved: Message | undefined;
}

export class OwnThread implements Backend {
  readonly name: RunnerName = "node";
  readonly direct = null;
  readonly #words: Int32Array;
  readonly #completions: Completions;
  readonly #wake: () => void;
  readonly #moved = new Map<number, Message>();
  readonly #execute: () => Execution;
  /** null: its code could not be loaded, which each slot tries again. */
  #execution: Execution | null = null;
  /** Its descriptors are numbers that Node knows. */
  readonly #isNode: boolean;
  #queued: number[] = [];
  #done: Done[] = [];
  #paused: boolean;
  #due = false;
  #armed = false;

  constructor(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    limits: Pick<ThreadLimits, "maxParallel">,
    execute: Execute = withNode,
  ) {
    this.#words = memory.words;
    this.#completions = completions;
    this.#wake = wake;
    this.#paused = limits.maxParallel === 0;
    const postMessage = (message: Message, transfer: ArrayBuffer[]): void => {
      // As from a worker: the value is nobody else's, and one that cannot be cloned is refused.
      const { slot } = message;
      this.#moved.set(slot, structuredClone(message, { transfer }));
    };
    this.#isNode = execute === withNode;
    this.#execute = () => execute(memory, { postMessage });
  }

  supports(): boolean {
    return true;
  }

  setLimits(limits: ThreadLimits): void {
    this.#paused = limits.maxParallel === 0;
    this.flush();
  }

  queue(slot: number): QueueStatus {
    Atomics.store(this.#words, slot * SLOT_WORDS + Slot.state, State.native);
    this.#queued.push(slot);
    return "queued";
  }

  flush(): void {
    if (this.#due || this.#paused || this.#queued.length === 0) return;
    this.#due = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#due = false;
    const endMs = clockMs() + TURN_MS;
    const queued = this.#queued;
    let count = 0;
    while (count < queued.length && clockMs() < endMs)
      this.#begin(queued[count++]!);
    this.#queued = queued.slice(count);
    this.flush();
  };

  #isCancelled(slot: number): boolean {
    return this.#words[slot * SLOT_WORDS + Slot.cancelled] !== 0;
  }

  #begin(slot: number): void {
    if (this.#isCancelled(slot)) return this.#complete(slot, ECANCELED);
    let execution: Execution;
    try {
      execution = this.#execution ??= this.#execute();
    } catch (error) {
      return this.#fail(slot, error);
    }
    const outcome = execution.run(slot);
    if (typeof outcome === "number") this.#complete(slot, outcome);
    else void outcome.then((result) => this.#complete(slot, result));
  }

  #complete(slot: number, outcome: number): void {
    const isMoved = outcome === this.#execution?.moved;
    const moved = isMoved ? this.#moved.get(slot) : undefined;
    this.#moved.delete(slot);
    if (this.#isNode && !isMainThread && outcome >= 0 && this.#opens(slot))
      openedByNode.add(outcome);
    this.#finish({ slot, result: moved?.result ?? outcome, moved });
  }

  /** Nobody can run it: for want of a descriptor it fails as a system call would, else it says what is in the way. */
  #fail(slot: number, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    const lost = { slot, result: Special.workerLost, error };
    if (!wantsDescriptor(error))
      return this.#finish({ slot, result: lost.result, moved: lost });
    const result = errnoOf(code === "ENFILE" ? "ENFILE" : "EMFILE");
    this.#finish({ slot, result, moved: undefined });
  }

  #finish(done: Done): void {
    this.#done.push(done);
    if (!this.#armed) return;
    this.#armed = false;
    setImmediate(this.#wake);
  }

  #opens(slot: number): boolean {
    const op = this.#words[slot * SLOT_WORDS + Slot.op]!;
    return opByCode[op]?.result === "fd";
  }

  reap(): number {
    const done = this.#done;
    // A completion may bring more: those are for the next look.
    this.#done = [];
    let count = 0;
    while (count < done.length) {
      const { slot, result, moved } = done[count++]!;
      if (!this.#completions.complete(slot, result, moved)) break;
    }
    if (count < done.length) this.#done = done.slice(count).concat(this.#done);
    return count;
  }

  arm(): boolean {
    this.#armed = this.#done.length === 0;
    return this.#armed;
  }

  disarm(): void {
    this.#armed = false;
  }

  /** While execution is paused it is taken off here. */
  cancel(slot: number): boolean {
    this.#words[slot * SLOT_WORDS + Slot.cancelled] = 1;
    const at = this.#queued.indexOf(slot);
    if (at === -1) return false;
    if (!this.#paused) return true;
    this.#queued.splice(at, 1);
    queueMicrotask(() => this.#complete(slot, ECANCELED));
    return true;
  }

  runHere(): void {
    if (this.#paused) return;
    for (const slot of this.#queued.splice(0)) this.#begin(slot);
  }

  counts(): Counts {
    return {
      threads: 0,
      ready: this.#queued.filter((slot) => !this.#isCancelled(slot)).length,
      pending: this.#done.length,
    };
  }

  async close(): Promise<void> {
    // Every slot has completed.
  }
}
