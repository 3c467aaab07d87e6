// A backend that is made when something is first queued on it: most processes never need the last resort, and what it takes
// is loaded then, and not before. It knows what it was given, and not why.
import type { Direct } from "../request/codec.ts";
import type { Backend, RunnerName, Counts, QueueStatus } from "./backend.ts";
import type { ThreadLimits } from "./thread-limits.ts";

const NOTHING: Counts = { threads: 0, ready: 0, pending: 0 };

export class Standby implements Backend {
  readonly direct: Direct | null;
  readonly #make: (limits: ThreadLimits) => Backend;
  #made: Backend | null = null;
  #limits: ThreadLimits;

  constructor(
    make: (limits: ThreadLimits) => Backend,
    limits: ThreadLimits,
    direct: Direct | null = null,
  ) {
    this.#make = make;
    this.#limits = limits;
    this.direct = direct;
  }

  get name(): RunnerName {
    return this.#now().name;
  }

  #now(): Backend {
    this.#made ??= this.#make(this.#limits);
    return this.#made;
  }

  /** It is for what nobody else takes. */
  supports(): boolean {
    return true;
  }

  readonly queue = (slot: number): QueueStatus => this.#now().queue(slot);

  /** A floor of threads is kept by whoever has them. */
  setLimits(limits: ThreadLimits): void {
    this.#limits = limits;
    if (limits.minParallel > 0) this.#now();
    this.#made?.setLimits?.(limits);
  }

  flush(): void {
    this.#made?.flush();
  }

  runHere(): void {
    this.#made?.runHere?.();
  }

  reap(): number {
    return this.#made?.reap() ?? 0;
  }

  arm(): boolean {
    return this.#made?.arm() ?? true;
  }

  disarm(): void {
    this.#made?.disarm();
  }

  crowded(): boolean {
    return this.#made?.crowded?.() === true;
  }

  cancel(slot: number): boolean {
    return this.#made?.cancel(slot) ?? false;
  }

  spare(count: number, held: number): void {
    this.#made?.spare?.(count, held);
  }

  counts(): Counts {
    return this.#made?.counts() ?? NOTHING;
  }

  async ready(): Promise<void> {
    await this.#now().ready?.();
  }

  async close(): Promise<void> {
    await this.#made?.close();
  }
}
