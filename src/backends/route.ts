// Several backends as one: each op goes to the first that takes it, and from there to the next
// when it was refused at run time; the pool, which takes everything, is the last. It knows opcodes
// as indexes only, and what an answer looks like that means "somebody else should try".
import { nameByCode, type OpName } from "../ops/table.ts";
import type { Direct } from "../request/codec.ts";
import { SLOT_WORDS, Slot, Special } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED } from "../request/request.ts";
import type {
  Backend,
  BackendName,
  Completions,
  Counts,
  MovedValue,
  QueueStatus,
} from "./backend.ts";
import { lanesDirect } from "./direct.ts";
import type { NativeLane } from "./native-lane.ts";
import type { OwnThread } from "./own-thread.ts";
import type { Pool } from "./pool.ts";
import type { ThreadLimits } from "./threads.ts";

/**
 * EOPNOTSUPP, ENOSYS, EINVAL, and EINTR and EAGAIN, which the pool's blocking calls do not have. A kernel that
 * can start no thread for the ring cancels what it would have run there: ECANCELED is an answer only to a cancel.
 */
const elsewhere = new Set([
  Special.declined,
  -95,
  -38,
  -22,
  -4,
  -11,
  ECANCELED,
] as number[]);

/** By op, the only ones that may run it before the pool does, in the order of asking. */
export type Routes = Partial<Record<OpName, BackendName[]>>;

/** Makes the lanes; each tells its completions to the router, which tells the engine. */
export type MakeLanes = (completions: Completions) => NativeLane[];

/** Whoever takes everything. */
type Last = Pool | OwnThread;

export class Router implements Backend, Completions {
  readonly name: BackendName;
  readonly direct: Direct | null;
  readonly #words: Int32Array;
  readonly #completions: Completions;
  readonly #lanes: NativeLane[];
  readonly #pool: Last;
  /** Who may run an op, by opcode, in the order of asking; the pool is not listed. */
  readonly #routes: readonly NativeLane[][];
  /** By slot: how many were asked already; where it is now is the last of these. */
  readonly #asked: Uint8Array;
  /** Refused by a lane, and the pool's rings were full. */
  #stranded: number[] = [];
  #redirected = false;
  #poolQueued = false;
  /**
   * No worker may run, so nothing else does either; or one alone, so that requests are done one at a
   * time, in the order of their priorities. The pool keeps to that, and lanes do not.
   */
  #poolAlone: boolean;

  constructor(
    name: BackendName,
    memory: Memory,
    completions: Completions,
    makeLanes: MakeLanes,
    pool: Last,
    limits: ThreadLimits,
    routes: Routes = {},
  ) {
    this.#poolAlone = limits.maxParallel === 0;
    this.name = name;
    this.#words = memory.words;
    this.#completions = completions;
    this.#lanes = makeLanes(this);
    this.#pool = pool;
    this.#asked = new Uint8Array(memory.sizes.slots);
    this.#routes = nameByCode.map((op, code) => {
      const able = this.#lanes
        .filter((lane) => lane.supports(code))
        .sort((a, b) => +a.comesLast(code) - +b.comesLast(code));
      const told = op && routes[op];
      return told === undefined
        ? able
        : told.flatMap((name) => able.filter((lane) => lane.name === name));
    });
    this.direct = lanesDirect(
      pool.direct,
      (op) => this.#routes[op]!.length !== 0,
    );
  }

  get last(): BackendName {
    return this.#pool.name;
  }

  get lanes(): readonly NativeLane[] {
    return this.#lanes;
  }

  /** Who is asked before the pool, in that order. */
  route(opcode: number): readonly NativeLane[] {
    return this.#routes[opcode] ?? [];
  }

  supports(opcode: number): boolean {
    return this.#pool.supports(opcode);
  }

  setLimits(limits: ThreadLimits): void {
    this.#poolAlone = limits.maxParallel <= 1;
    this.#pool.setLimits(limits);
  }

  queue(slot: number, apart = false): QueueStatus {
    const route = this.#route(slot);
    if (route.length === 0 || this.#poolAlone || apart) {
      this.#asked[slot] = 0;
      this.#poolQueued = true;
      return this.#pool.queue(slot);
    }
    this.#asked[slot] = 1;
    return route[0]!.queue(slot);
  }

  flush(): void {
    for (const lane of this.#lanes) lane.flush();
    // What one has left to another that was asked before it goes in the same turn.
    if (this.#redirected) for (const lane of this.#lanes) lane.flush();
    if (!this.#poolQueued) return;
    this.#poolQueued = false;
    this.#pool.flush();
  }

  reap(): number {
    let count = 0;
    for (const lane of this.#lanes) count += lane.reap();
    count += this.#pool.reap();
    if (this.#stranded.length !== 0) this.#retry();
    if (this.#redirected) {
      this.#redirected = false;
      this.flush();
    }
    return count;
  }

  arm(): boolean {
    if (this.#stranded.length !== 0) return false;
    for (const lane of this.#lanes)
      if (!lane.arm()) {
        this.disarm();
        return false;
      }
    if (this.#pool.arm()) return true;
    this.disarm();
    return false;
  }

  disarm(): void {
    for (const lane of this.#lanes) lane.disarm();
    this.#pool.disarm();
  }

  cancel(slot: number): boolean {
    const asked = this.#asked[slot]!;
    const route = this.#route(slot);
    return asked === 0 || asked > route.length
      ? this.#pool.cancel(slot)
      : route[asked - 1]!.cancel(slot);
  }

  runHere(): void {
    this.#pool.runHere?.();
  }

  wakeFds(): number[] {
    return this.#lanes.flatMap((lane) => lane.wakeFds());
  }

  async ready(): Promise<void> {
    if ("ready" in this.#pool) await this.#pool.ready();
  }

  counts(): Counts {
    const sum = this.#pool.counts();
    for (const lane of this.#lanes) {
      const { ready, pending } = lane.counts();
      sum.ready += ready;
      sum.pending += pending;
    }
    sum.ready += this.#stranded.length;
    return sum;
  }

  spare(count: number, held: number): void {
    if ("spare" in this.#pool) this.#pool.spare(count, held);
  }

  holder(slot: number): BackendName {
    const asked = this.#asked[slot]!;
    return this.#route(slot)[asked - 1]?.name ?? this.last;
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) await lane.close();
    await this.#pool.close();
  }

  /** From a lane: an answer, or the next one's turn. */
  complete(slot: number, result: number, moved?: MovedValue): boolean {
    if (result < 0 && elsewhere.has(result)) {
      if (this.#words[slot * SLOT_WORDS + Slot.cancelled] !== 0)
        return this.#completions.complete(slot, ECANCELED);
      this.#redirect(slot);
      return true;
    }
    return this.#completions.complete(slot, result, moved);
  }

  #redirect(slot: number): void {
    const route = this.#route(slot);
    const next = ++this.#asked[slot]!;
    this.#redirected = true;
    if (next <= route.length) route[next - 1]!.queue(slot);
    else this.#toPool(slot);
  }

  #retry(): void {
    const stranded = this.#stranded;
    this.#stranded = [];
    for (const slot of stranded) {
      if (this.#words[slot * SLOT_WORDS + Slot.cancelled] !== 0)
        this.#completions.complete(slot, ECANCELED);
      else this.#toPool(slot);
    }
    this.#redirected = true;
  }

  #toPool(slot: number): void {
    if (this.#pool.queue(slot) === "busy") this.#stranded.push(slot);
    else this.#poolQueued = true;
  }

  #route(slot: number): NativeLane[] {
    return this.#routes[this.#words[slot * SLOT_WORDS + Slot.op]!]!;
  }
}
