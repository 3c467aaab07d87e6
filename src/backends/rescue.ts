// Runs, on the thread that calls, what no thread can be started for: the last resort beside a backend that has threads
// of its own. It knows what it was given, and not why.
import type { Memory } from "../request/memory.ts";
import type { Completions } from "./backend.ts";
import { OwnThread } from "./own-thread.ts";
import type { ThreadLimits } from "./thread-limits.ts";

export class Rescue {
  readonly #make: () => OwnThread;
  /** Where nothing had to be rescued, nothing is loaded. */
  #thread: OwnThread | null = null;
  #limits: ThreadLimits;

  constructor(
    memory: Memory,
    completions: Completions,
    wake: () => void,
    limits: ThreadLimits,
  ) {
    this.#limits = limits;
    this.#make = () => new OwnThread(memory, completions, wake, this.#limits);
  }

  readonly queue = (slot: number): void => {
    this.#thread ??= this.#make();
    this.#thread.queue(slot);
  };

  setLimits(limits: ThreadLimits): void {
    this.#limits = limits;
    this.#thread?.setLimits(limits);
  }

  flush(): void {
    this.#thread?.flush();
  }

  runHere(): void {
    this.#thread?.runHere();
  }

  reap(): number {
    return this.#thread?.reap() ?? 0;
  }

  /** False: something is done. */
  arm(): boolean {
    return this.#thread?.arm() ?? true;
  }

  disarm(): void {
    this.#thread?.disarm();
  }

  cancel(slot: number): void {
    this.#thread?.cancel(slot);
  }

  get pending(): number {
    return this.#thread?.counts().pending ?? 0;
  }
}
