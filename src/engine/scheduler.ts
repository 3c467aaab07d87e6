// Lanes: requests that wait in queues of their own, one per lane, so that a lane gets its share of what is handed out and,
// where it has a limit, no more than that is in flight. It stands where a single queue stands otherwise, and is loaded by
// engines that have lanes or a ceiling on memory; it knows a request's lane and level, not its op. What finds no room below
// that ceiling waits beside its lane's queue, in the same order, and others go on.
//
//   default  [ 4 .. -4 ] --+
//   bulk     [ 4 .. -4 ] --+-- the lane that had least of its share, of those below their limit
//   /mnt/nas [ 4 .. -4 ] --+
import type { Backend } from "../backends/backend.ts";
import type { Request } from "../request/request.ts";
import { MemoryBudget } from "./memory-budget.ts";
import type { Watchdog } from "./metrics.ts";
import {
  DEFAULT_LANE,
  SHARE,
  type EngineOptions,
  type LaneLimits,
} from "./options.ts";
import { AGEING_SKIPS, Queue } from "./queue.ts";
import { LaneRouting } from "./routing.ts";

export class Lane {
  readonly index: number;
  readonly name: string;
  readonly queue: Queue;
  /** Those that were taken from it, and found no room in memory. */
  readonly held: Queue;
  /** Since one of those was last tried, so many went that came later. */
  overtaken = 0;
  limits: LaneLimits;
  inFlight = 0;
  /** Of those in flight so many hang, as far as is known: see Watchdog. */
  hung = 0;
  /** What it had of its share so far: the least is next. */
  had = 0;

  constructor(
    index: number,
    name: string,
    limits: LaneLimits,
    ageing: boolean,
  ) {
    this.index = index;
    this.name = name;
    this.limits = limits;
    this.queue = new Queue(ageing);
    this.held = new Queue(ageing);
  }

  /** Requests that wait. */
  get length(): number {
    return this.queue.length + this.held.length;
  }

  /** Workers that are its own, beyond the pool's limit. */
  get own(): number {
    return this.limits.apart ? this.inFlight : this.hung;
  }
}

export class Lanes {
  readonly #lanes: Lane[] = [];
  /** Those with something waiting. */
  readonly #waiting: Lane[] = [];
  readonly #byName = new Map<string, Lane>();
  readonly #ageing: boolean;
  /** Requests of lanes apart that may be in flight, all together: each holds a worker. */
  readonly #apartMax: number;
  readonly memory: MemoryBudget | null;
  /** They found no room in memory. */
  readonly #held = new Set<Request>();
  #tookHeld = false;
  #apart = 0;
  /** The `had` of the lane that was taken from last: one that comes back begins here. */
  #now = 0;
  length = 0;

  constructor(ageing: boolean, apartMax: number, maxMemory = 0) {
    this.#ageing = ageing;
    this.#apartMax = apartMax;
    this.memory = maxMemory === 0 ? null : new MemoryBudget(maxMemory, ageing);
  }

  /** Requests that wait for room in memory. */
  get heldCount(): number {
    return this.#held.size;
  }

  add(name: string, limits: LaneLimits): Lane {
    const lane = new Lane(this.#lanes.length, name, limits, this.#ageing);
    this.#lanes.push(lane);
    this.#byName.set(name, lane);
    return lane;
  }

  named(name: string): Lane | undefined {
    return this.#byName.get(name);
  }

  at(index: number): Lane {
    return this.#lanes[index]!;
  }

  [Symbol.iterator](): IterableIterator<Lane> {
    return this.#lanes.values();
  }

  *requests(): Generator<Request> {
    for (const { queue, held } of this) {
      yield* queue.requests();
      yield* held.requests();
    }
  }

  push(request: Request): void {
    const lane = this.#lanes[request.lane]!;
    if (lane.length === 0) this.#wakes(lane);
    lane.queue.push(request);
    this.length++;
  }

  /** Takes back the last take(). */
  unshift(request: Request): void {
    const lane = this.#lanes[request.lane]!;
    if (lane.length === 0) this.#wakes(lane);
    if (this.#tookHeld) {
      lane.held.unshift(request);
      this.#held.add(request);
    } else lane.queue.unshift(request);
    this.memory?.give(request);
    lane.had -= 1 / lane.limits.share;
    this.length++;
    this.#left(lane);
  }

  remove(request: Request): void {
    const lane = this.#lanes[request.lane]!;
    if (this.#held.delete(request)) lane.held.remove(request);
    else lane.queue.remove(request);
    if (this.memory?.first === request) this.memory.pass();
    if (lane.length === 0) this.#sleeps(lane);
    this.length--;
  }

  /** The next one that may go, of those above a level (-1: of all); it counts as in flight. */
  take(above = -1): Request | null {
    return this.memory === null
      ? this.#takeOf(above)
      : this.#takeWithin(this.memory, above);
  }

  #takeOf(above: number): Request | null {
    let lane: Lane | null = null;
    for (const other of this.#waiting)
      if (
        (lane === null || other.had < lane.had) &&
        this.#mayGo(other) &&
        other.queue.hasAbove(above)
      )
        lane = other;
    const request = lane === null ? null : lane.queue.take(above);
    if (lane === null || request === null) return null;
    return this.#goes(lane, request);
  }

  /** Of the lanes in their order the first that has something for which there is room. */
  #takeWithin(memory: MemoryBudget, above: number): Request | null {
    const { first } = memory;
    // Nobody waits for one that may not go in any case.
    if (first !== null && !this.#mayGo(this.#lanes[first.lane]!)) memory.pass();
    const lanes = this.#waiting.filter((lane) => this.#mayGo(lane));
    lanes.sort((one, other) => one.had - other.had);
    for (const lane of lanes) {
      const request = this.#takeFrom(lane, memory, above);
      if (request !== null) return this.#goes(lane, request);
    }
    return null;
  }

  #takeFrom(lane: Lane, memory: MemoryBudget, above: number): Request | null {
    const { queue, held } = lane;
    const aged = this.#ageing && lane.overtaken >= AGEING_SKIPS;
    // Those that were held came earlier; who has a higher level than all of them goes first.
    if (held.hasAbove(above) && (aged || !queue.hasAbove(held.topLevel))) {
      const request = held.take(above)!;
      lane.overtaken = 0;
      if (memory.takes(request)) {
        this.#tookHeld = true;
        this.#held.delete(request);
        return request;
      }
      held.unshift(request);
    } else if (held.length !== 0) lane.overtaken++;
    while (queue.hasAbove(above)) {
      const request = queue.take(above)!;
      this.#tookHeld = false;
      if (!memory.isFor(request) || memory.takes(request)) return request;
      held.push(request);
      this.#held.add(request);
    }
    return null;
  }

  #goes(lane: Lane, request: Request): Request {
    this.#now = Math.max(this.#now, lane.had);
    lane.had += 1 / lane.limits.share;
    lane.inFlight++;
    if (lane.limits.apart) this.#apart++;
    if (lane.length === 0) this.#sleeps(lane);
    this.length--;
    return request;
  }

  /** What was taken is not in flight any more. */
  done(request: Request): void {
    this.#left(this.#lanes[request.lane]!);
  }

  #mayGo({ inFlight, limits }: Lane): boolean {
    if (limits.apart && this.#apart >= this.#apartMax) return false;
    return inFlight < limits.maxParallel;
  }

  #left(lane: Lane): void {
    lane.inFlight--;
    if (lane.limits.apart) this.#apart--;
  }

  /** Nobody saves up while there is nothing to do. */
  #wakes(lane: Lane): void {
    lane.had = Math.max(lane.had, this.#now);
    this.#waiting.push(lane);
  }

  #sleeps(lane: Lane): void {
    this.#waiting.splice(this.#waiting.indexOf(lane), 1);
  }
}

/** Lanes in front of a backend: places requests in them, and reports to the backend how many workers are held. */
export class Scheduler extends Lanes {
  readonly #routing: LaneRouting;
  #backend: Backend | null = null;
  #spare = 0;

  constructor({ ageing, apartMax, lanes, mounts, maxMemory }: EngineOptions) {
    super(ageing, apartMax, maxMemory);
    this.add(
      DEFAULT_LANE,
      lanes?.[DEFAULT_LANE] ?? {
        maxParallel: Infinity,
        share: SHARE,
        apart: false,
      },
    );
    for (const [name, limits] of Object.entries(lanes ?? {}))
      if (name !== DEFAULT_LANE) this.add(name, limits);
    this.#routing = new LaneRouting(this, mounts);
  }

  /** Throws for a lane that there is not. */
  place(request: Request): void {
    this.#routing.place(request);
  }

  /** The number of the lane that a path's requests go in. */
  laneOfPath(path: string): number {
    return this.#routing.ofPath(path);
  }

  isApart(request: Request): boolean {
    return this.at(request.lane).limits.apart;
  }

  nameOf(request: Request): string {
    return this.at(request.lane).name;
  }

  override done(request: Request, result = -1): void {
    super.done(request);
    this.#routing.done(request, result);
  }

  /** What takes the number of workers that are held, and what knows which requests hang. */
  attach(backend: Backend, watch: Watchdog): void {
    this.#backend = backend;
    watch.looked = (hung) => this.#looked(hung);
  }

  /** Requests were handed out: those of lanes apart bring workers with them. */
  sent(): void {
    const own = this.#own();
    this.#report(Math.max(own, this.#spare), own);
  }

  /** Workers are let go again only here, now and then: to start one costs more than to keep it. */
  #looked(hung: Request[]): void {
    for (const lane of this) lane.hung = 0;
    for (const { lane } of hung) this.at(lane).hung++;
    const own = this.#own();
    this.#report(own, own);
  }

  #own(): number {
    let sum = 0;
    for (const lane of this) if (lane.index !== 0) sum += lane.own;
    return sum;
  }

  /** What hangs in the default lane holds workers as well, and none may be started for it. */
  #report(spare: number, own: number): void {
    this.#spare = spare;
    this.#backend?.spare?.(spare, own + this.at(0).hung);
  }
}
