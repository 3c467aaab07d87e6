// Lanes: requests that wait in queues of their own, one per lane, so that a lane gets its share of
// what is handed out and, where it has a limit, no more than that is in flight. It stands where a
// single queue stands otherwise; it knows a request's lane and level, not its op.
//
//   default  [ 4 .. -4 ] --+
//   bulk     [ 4 .. -4 ] --+-- the lane that had least of its share, of those below their limit
//   /mnt/nas [ 4 .. -4 ] --+
import type { Request } from "../request/request.ts";
import { Queue } from "./queue.ts";

export interface LaneLimits {
  /** Of its requests so many may be in flight at once; Infinity is no limit. */
  maxParallel: number;
  /** How much is handed out of this lane while others have work too, relative to theirs. */
  share: number;
  /**
   * What hangs in it must not hold anything of others: it runs on workers beyond the pool's own
   * limit, and never on the loop's thread or in a ring.
   */
  apart: boolean;
}

export class Lane {
  readonly index: number;
  readonly name: string;
  readonly queue: Queue;
  limits: LaneLimits;
  inFlight = 0;
  /** Of those in flight so many hang, as far as is known: see watch.ts. */
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
  #apart = 0;
  /** The `had` of the lane that was taken from last: one that comes back begins here. */
  #now = 0;
  length = 0;

  constructor(ageing: boolean, apartMax: number) {
    this.#ageing = ageing;
    this.#apartMax = apartMax;
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
    for (const { queue } of this) yield* queue.requests();
  }

  push(request: Request): void {
    const lane = this.#lanes[request.lane]!;
    if (lane.queue.length === 0) this.#wakes(lane);
    lane.queue.push(request);
    this.length++;
  }

  /** Takes back the last take(). */
  unshift(request: Request): void {
    const lane = this.#lanes[request.lane]!;
    if (lane.queue.length === 0) this.#wakes(lane);
    lane.queue.unshift(request);
    lane.had -= 1 / lane.limits.share;
    this.length++;
    this.#left(lane);
  }

  remove(request: Request): void {
    const lane = this.#lanes[request.lane]!;
    lane.queue.remove(request);
    if (lane.queue.length === 0) this.#sleeps(lane);
    this.length--;
  }

  /** The next one that may go, of those above a level (-1: of all); it counts as in flight. */
  take(above = -1): Request | null {
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
    this.#now = Math.max(this.#now, lane.had);
    lane.had += 1 / lane.limits.share;
    lane.inFlight++;
    if (lane.limits.apart) this.#apart++;
    if (lane.queue.length === 0) this.#sleeps(lane);
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
