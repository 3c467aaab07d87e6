// Several backends as one: each op goes to the first that takes it, and from there to the next
// when it was refused at run time; native threads come after the loop's own lanes, and the pool, which
// takes everything, is the last. It knows opcodes as indexes only, and which results mean "somebody else
// should try".
import { nameByCode, type OpName } from "../ops/table.ts";
import type { Direct } from "../request/codec.ts";
import { Control, SLOT_WORDS, Slot, Special } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED } from "../request/request.ts";
import type {
  Backend,
  BackendName,
  Completions,
  Counts,
  MovedValue,
  QueueStatus,
  RunnerName,
} from "./backend.ts";
import { lanesDirect } from "./direct.ts";
import { Lookups } from "./lookups.ts";
import { NativeLane } from "./native-lane.ts";
import type { ThreadLimits } from "./thread-limits.ts";
import type { Threads } from "./threads.ts";

/**
 * Of a lane: EOPNOTSUPP, ENOSYS, EINVAL, and EINTR and EAGAIN, which blocking calls do not have. A kernel that
 * can start no thread for the ring cancels what it would have run there: ECANCELED is a result only of a cancel.
 */
const EOPNOTSUPP = -95;
/** For the threads, because of its size: that says nothing of the next one. */
const E2BIG = -7;
const elsewhere = new Set([
  Special.declined,
  EOPNOTSUPP,
  E2BIG,
  -38,
  -22,
  -4,
  -11,
  ECANCELED,
] as number[]);

/** After so many refusals in a row each more sends so many requests past the lanes; one that is not ends that. */
const REFUSALS_MAX = 16;
const SPARED = 512;

/** By op, the only ones that may run it before the pool does, in the order in which they are tried. */
export type Routes = Partial<Record<OpName, BackendName[]>>;

export interface Routing {
  /** Given by a profile; the rest is chosen here. */
  routes?: Routes;
  /** No lane was chosen by name: what gains nothing by one goes past it. */
  auto?: boolean;
}

/** Who can run requests: each gives its completions to the router, which gives them to the engine. */
export interface Runners {
  lanes(completions: Completions): NativeLane[];
  /** null: this machine has none. */
  threads(completions: Completions): Threads | null;
  /** Takes what nobody else takes. */
  last: Backend;
}

/** What is known of an op. */
interface Way {
  /** Who may run it, in the order in which they are tried; the pool is not listed. */
  route: readonly (NativeLane | Threads)[];
  /** How many of those are lanes: the threads, where they are among them, come last. */
  lanes: number;
  uncachedOnly: boolean;
  /** Of several at once only one is the lanes'. */
  looksUp: boolean;
}

export class Router implements Backend, Completions {
  readonly name: RunnerName;
  readonly direct: Direct | null;
  readonly #words: Int32Array;
  readonly #completions: Completions;
  readonly #lanes: NativeLane[];
  readonly #threads: Threads | null;
  readonly #last: Backend;
  /** By opcode, made when an op is first used: a process uses few of all ops. */
  readonly #ways: (Way | undefined)[] = [];
  readonly #routing: Routing;
  readonly #lookups: Lookups;
  /** By slot: how many were tried already; where it is now is the last of these. */
  readonly #tried: Uint8Array;
  /** By opcode: how many in a row all lanes have refused, and for how many more none is tried. */
  readonly #refusals = new Uint16Array(nameByCode.length);
  readonly #spared = new Uint16Array(nameByCode.length);
  /** Refused by one, and the next one's rings were full. */
  #stranded: number[] = [];
  #redirected = false;
  #threadsQueued = false;
  /** Some lane has on its list what begins before the flush. */
  #writeListed = false;
  #lastQueued = false;
  /**
   * No worker may run, so nothing else does either; or one alone, so that requests are done one at a
   * time, in the order of their priorities. Threads and pool keep to that, and lanes do not.
   */
  #withoutLanes: boolean;
  /** From the start there is one worker, beside lanes: what they decline is done before what came later. */
  readonly #inOrder: boolean;

  /** `name` null: that of the first that there is. */
  constructor(
    name: BackendName | null,
    memory: Memory,
    completions: Completions,
    runners: Runners,
    limits: ThreadLimits,
    routing: Routing = {},
  ) {
    this.#withoutLanes = limits.maxParallel === 0;
    this.#inOrder = limits.maxParallel === 1;
    this.#words = memory.words;
    this.#completions = completions;
    this.#lanes = runners.lanes(this);
    this.name = name ?? this.#lanes[0]?.name ?? "threads";
    this.#last = runners.last;
    this.#threads = runners.threads({
      complete: (slot, result, moved) =>
        result === Special.declined
          ? this.#redirect(slot)
          : this.#end(slot, result, moved),
    });
    if (routing.auto && this.#lanes.some((lane) => lane.name === "uring"))
      memory.control[Control.usesRings] = memory.crew[Control.usesRings] = 1;
    this.#routing = routing;
    this.#tried = new Uint8Array(memory.sizes.slots);
    this.#lookups = new Lookups(memory.sizes.slots, this.#threads);
    this.direct = lanesDirect(
      this.#last.direct,
      (op) => this.#way(op).route.length !== 0,
    );
  }

  #way(code: number): Way {
    return (this.#ways[code] ??= this.#findWay(code));
  }

  #findWay(code: number): Way {
    const { routes = {}, auto = false } = this.#routing;
    const given = routes[nameByCode[code]!];
    const chosenHere = auto && given === undefined;
    const route = this.#routeOf(code, given);
    const threads = route.at(-1) === this.#threads ? 1 : 0;
    return {
      route,
      lanes: route.length - threads,
      uncachedOnly:
        chosenHere && this.#lanes.some((lane) => lane.gainsUncachedOnly(code)),
      looksUp:
        chosenHere &&
        this.#threads?.supports(code) === true &&
        this.#lanes.some((lane) => lane.looksUp(code)),
    };
  }

  #routeOf(
    code: number,
    given: BackendName[] | undefined,
  ): (NativeLane | Threads)[] {
    const lanes = this.#lanes
      .filter((lane) => lane.supports(code))
      .sort((a, b) => +a.comesLast(code) - +b.comesLast(code));
    const chosen =
      given === undefined
        ? lanes
        : given.flatMap((name) => lanes.filter((lane) => lane.name === name));
    const threads = this.#threads;
    return threads?.supports(code) ? [...chosen, threads] : chosen;
  }

  get lanes(): readonly NativeLane[] {
    return this.#lanes;
  }
  get last(): RunnerName {
    return this.#last.name;
  }
  get threads(): Threads | null {
    return this.#threads;
  }

  /** What is tried before the pool, in that order. */
  route(opcode: number): readonly (NativeLane | Threads)[] {
    return nameByCode[opcode] === undefined ? [] : this.#way(opcode).route;
  }

  /** Whether lanes are tried only for what is known to bypass the page cache. */
  uncachedOnly(opcode: number): boolean {
    return nameByCode[opcode] !== undefined && this.#way(opcode).uncachedOnly;
  }

  supports(opcode: number): boolean {
    return this.#last.supports(opcode);
  }

  setLimits(limits: ThreadLimits): void {
    this.#withoutLanes = limits.maxParallel <= 1;
    this.#threads?.setLimits(limits);
    this.#last.setLimits?.(
      this.#threads === null ? limits : poolLimits(limits),
    );
  }

  queue(slot: number, apart = false, uncached = false): QueueStatus {
    const op = this.#op(slot);
    const { route, lanes, uncachedOnly, looksUp } = this.#way(op);
    const skips =
      this.#withoutLanes ||
      apart ||
      (!uncached && uncachedOnly) ||
      (looksUp && this.#lookups.begin(slot)) ||
      this.#isSpared(op);
    const turn = skips ? lanes + 1 : 1;
    this.#tried[slot] = turn;
    if (this.#inOrder && turn > lanes) this.#flushLanes();
    return this.#hand(slot, op, route[turn - 1] ?? this.#last);
  }

  /**
   * Lanes that have refused an op many times in a row (of files on a file system that they can do nothing with, say) are
   * not tried for a while: to be refused costs more than to go on at once.
   */
  #isSpared(op: number): boolean {
    if (this.#spared[op] === 0) return false;
    this.#spared[op]!--;
    return true;
  }

  begin(): void {
    if (this.#writeListed) this.#flushLanes();
  }

  #flushLanes(): void {
    this.#writeListed = false;
    for (const lane of this.#lanes) lane.flush();
    // What one has left to another that was tried before it goes in the same turn.
    if (this.#redirected) for (const lane of this.#lanes) lane.flush();
  }

  flush(): void {
    this.#flushLanes();
    if (this.#threadsQueued) {
      this.#threadsQueued = false;
      this.#threads!.flush();
    }
    if (!this.#lastQueued) return;
    this.#lastQueued = false;
    this.#last.flush();
  }

  reap(): number {
    let count = this.#threads?.reap() ?? 0;
    for (const lane of this.#lanes) count += lane.reap();
    count += this.#last.reap();
    if (this.#stranded.length !== 0) this.#retry();
    if (this.#redirected) {
      this.#redirected = false;
      this.flush();
    }
    return count;
  }

  didAtOnce(): boolean {
    for (const lane of this.#lanes) if (lane.didAtOnce()) return true;
    return false;
  }

  arm(): boolean {
    // What is stranded waits for those in front of it: their completions wake the loop.
    for (const one of this.#all)
      if (!one.arm()) {
        this.disarm();
        return false;
      }
    return true;
  }

  disarm(): void {
    for (const one of this.#all) one.disarm();
  }

  crowded(): boolean {
    return this.#threads?.crowded() === true || this.#last.crowded?.() === true;
  }

  cancel(slot: number): boolean {
    return this.#at(slot, this.#tried[slot]!).cancel(slot);
  }

  /** Threads need nobody's help: only what is left to the last one may be stuck. */
  runHere(): void {
    this.#last.runHere?.();
  }

  wakeFds(): number[] {
    return this.#lanes.flatMap((lane) => lane.wakeFds());
  }

  /** Threads start within microseconds; workers of the pool want the loop's help. */
  async ready(): Promise<void> {
    if (this.#threads === null) await this.#last.ready?.();
  }

  counts(): Counts {
    const sum = { threads: 0, ready: this.#stranded.length, pending: 0 };
    for (const one of this.#all) {
      const { threads, ready, pending } = one.counts();
      sum.threads += threads;
      sum.ready += ready;
      sum.pending += pending;
    }
    return sum;
  }

  spare(count: number, held: number): void {
    const runner: Backend = this.#threads ?? this.#last;
    runner.spare?.(count, held);
  }

  holder(slot: number): RunnerName {
    return this.#at(slot, this.#tried[slot]!).name;
  }

  async close(): Promise<void> {
    for (const one of this.#all) await one.close();
  }

  /** From a lane: a result, or the next one's turn. */
  complete(slot: number, result: number, moved?: MovedValue): boolean {
    if (result < 0 && elsewhere.has(result))
      return this.#redirect(slot, result);
    this.#refusals[this.#op(slot)] = 0;
    return this.#end(slot, result, moved);
  }

  #end(slot: number, result: number, moved?: MovedValue): boolean {
    this.#lookups.end(slot);
    return this.#completions.complete(slot, result, moved);
  }

  #learn(slot: number): void {
    const op = this.#op(slot);
    if (this.#refusals[op]! < REFUSALS_MAX) this.#refusals[op]!++;
    else this.#spared[op] = SPARED;
  }

  get #all(): Backend[] {
    return this.#threads === null
      ? [...this.#lanes, this.#last]
      : [...this.#lanes, this.#threads, this.#last];
  }

  #redirect(slot: number, refusal: number = Special.declined): boolean {
    if (this.#isCancelled(slot))
      return this.#completions.complete(slot, ECANCELED);
    // Where the file system cannot read without waiting the ring starts a thread for each read: ours are awake already.
    const { lanes } = this.#way(this.#op(slot));
    if (refusal === EOPNOTSUPP || refusal === E2BIG) this.#tried[slot] = lanes;
    if (this.#tried[slot] === lanes && refusal !== E2BIG) this.#learn(slot);
    this.#redirected = true;
    this.#handOn(slot, ++this.#tried[slot]!);
    return true;
  }

  #retry(): void {
    const stranded = this.#stranded;
    this.#stranded = [];
    for (const slot of stranded) {
      if (this.#isCancelled(slot)) this.#completions.complete(slot, ECANCELED);
      else this.#handOn(slot, this.#tried[slot]!);
    }
    this.#redirected = true;
  }

  #handOn(slot: number, turn: number): void {
    const status = this.#hand(slot, this.#op(slot), this.#at(slot, turn));
    if (status === "busy") this.#stranded.push(slot);
  }

  #hand(slot: number, op: number, runner: Backend): QueueStatus {
    if (runner === this.#last) this.#lastQueued = true;
    else if (runner === this.#threads) this.#threadsQueued = true;
    else if (runner instanceof NativeLane)
      this.#writeListed ||= runner.beginsAtOnce(op);
    return runner.queue(slot);
  }

  /** Whose turn it is with a slot. */
  #at(slot: number, turn: number): Backend {
    return this.#way(this.#op(slot)).route[turn - 1] ?? this.#last;
  }

  #op(slot: number): number {
    return this.#words[slot * SLOT_WORDS + Slot.op]!;
  }

  #isCancelled(slot: number): boolean {
    return this.#words[slot * SLOT_WORDS + Slot.cancelled] !== 0;
  }
}

/** Behind threads the pool has little to do: it keeps no worker for it. */
export const poolLimits = (limits: ThreadLimits): ThreadLimits => ({
  ...limits,
  minParallel: 0,
});
