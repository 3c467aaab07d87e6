// From a slot to a result. A request that is in flight has a slot; when it completes it is delivered at once where that is its turn,
// kept with the results where another's may come first or where somebody polls, and undone where nobody waits for it. It does not
// know who begins next, nor what a result is for.
//
//   begin() --> in flight --complete()--> done --deliver()--> settled, and its slot is free
//                   |
//                   +--orphan()--> settled as cancelled; an orphan in its slot --complete()--> undone, and the slot is free
//                   +--giveUp()--> given up --complete()--> settled as cancelled
import type { Backend, Completions, MovedValue } from "../backends/backend.ts";
import { type OpName, opByCode, ops } from "../ops/table.ts";
import { Encoded, type Codec } from "../request/codec.ts";
import { errnoOf, faultOf } from "../request/errors.ts";
import { Special } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED, NO_SLOT, Phase, Request } from "../request/request.ts";
import { decodeNone } from "../request/results.ts";
import { Slots } from "../request/slots.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { Metrics } from "./metrics.ts";
import { type Budget, mayGoOn, settle } from "./polling.ts";
import { Levels, Queue } from "./queue.ts";
import type { Scheduler } from "./scheduler.ts";
import { returnsDescriptor } from "./waiting.ts";

/** What begin() returns besides an errno. */
export const BEGUN = 0;
export const NO_ROOM = 1;

/** The requests that have a slot: with the backend, done and not read yet, or orphans, which nobody waits for any more. */
export class InFlight {
  readonly #slots: Slots;
  readonly #codec: Codec;
  readonly metrics: Metrics;
  readonly #bySlot: (Request | null)[];
  /** Orphans included, as in `count`. */
  readonly levels = new Levels();
  count = 0;
  orphans = 0;
  /** Cancelled, and not settled before nothing works on the caller's memory any more. */
  givenUp = 0;
  /** Those after which a descriptor is free again. */
  returning = 0;
  /** Those that end in a callback. */
  calling = 0;
  /** Where there is a ceiling: what a request took of it comes back with its end. */
  memory: MemoryBudget | null = null;
  /** A slot came back since this was last set to false: those who wait may have room. */
  roomMade = false;
  /** The last that found no room lacked a slot, or bytes, and not a place on a ring. */
  full = false;

  constructor(memory: Memory, codec: Codec) {
    this.metrics = new Metrics(memory);
    this.#slots = new Slots(memory);
    this.#codec = codec;
    this.#bySlot = memory.requests as (Request | null)[];
  }

  /** Without orphans. */
  *[Symbol.iterator](): Generator<Request> {
    for (const request of this.#bySlot)
      if (request !== null && request.phase !== Phase.orphaned) yield request;
  }

  get freeSlots(): number {
    return this.#slots.freeCount;
  }

  at(slot: number): Request | null {
    return this.#bySlot[slot]!;
  }

  /** The request of a slot that has not completed, even if nobody waits for it any more. */
  notDone(slot: number): Request | null {
    const request = this.#bySlot[slot]!;
    return request?.phase === Phase.done ? null : request;
  }

  /** BEGUN, NO_ROOM (it has to wait), or below 0 why it can never begin. */
  begin(request: Request, backend: Backend, apart: boolean): number {
    const slot = this.#slots.take();
    this.full = slot === -1;
    if (slot === -1) return NO_ROOM;
    const encoded = this.#codec.encode(request, slot);
    if (encoded !== Encoded.ok) {
      this.#slots.release(slot);
      this.full = encoded === Encoded.full;
      if (this.full) return NO_ROOM;
      const tooLong = encoded === Encoded.pathTooLong;
      return errnoOf(tooLong ? "ENAMETOOLONG" : "ENOBUFS");
    }
    // Lanes know of no cache but the one that they read from.
    const past = apart || request.dropsCache;
    // Before anything runs it: the thread may be ended meanwhile, and what the request lends is kept then.
    this.#bySlot[slot] = request;
    if (backend.queue(slot, past, request.align > 1) === "busy") {
      this.#bySlot[slot] = null;
      this.#codec.release(slot);
      this.#slots.release(slot);
      return NO_ROOM;
    }
    request.phase = Phase.inFlight;
    request.slot = slot;
    this.levels.add(request.level);
    this.count++;
    if (returnsDescriptor(request.op)) this.returning++;
    if (request.calls) this.calling++;
    if (request.sample !== null) this.metrics.begin(request);
    return BEGUN;
  }

  /** Nobody waits for it from the start. */
  unheard(request: Request): void {
    request.phase = Phase.orphaned;
    this.orphans++;
  }

  /**
   * Nobody waits for it any more. What holds on until the backend lets go (its slot and descriptor, and what it took of
   * memory) is the orphan's from here on.
   */
  orphan(request: Request): Request {
    const { slot, owner } = request;
    const orphan = new Request(request.op, decodeNone, unheard);
    orphan.slot = slot;
    orphan.owner = owner;
    orphan.fd = request.fd;
    orphan.path = request.path;
    orphan.path2 = request.path2;
    orphan.level = request.level;
    orphan.lane = request.lane;
    orphan.calls = request.calls;
    this.memory?.passOn(request, orphan);
    request.slot = NO_SLOT;
    request.owner = null;
    this.#bySlot[slot] = orphan;
    this.unheard(orphan);
    return orphan;
  }

  /** One of those that nobody waits for and that works on a descriptor. */
  orphanOn(fd: number): Request | null {
    const isIt = (one: Request | null): boolean =>
      one !== null && one.phase === Phase.orphaned && one.fd === fd;
    return this.#bySlot.find(isIt) ?? null;
  }

  /** Its caller learns of its end when the backend lets go of its memory. */
  giveUp(request: Request, reason: unknown): void {
    request.phase = Phase.givenUp;
    request.reason = reason;
    this.givenUp++;
  }

  release(slot: number): void {
    const request = this.#bySlot[slot]!;
    if (request.phase === Phase.orphaned) this.orphans--;
    if (request.phase === Phase.givenUp) this.givenUp--;
    this.levels.remove(request.level);
    this.#bySlot[slot] = null;
    this.count--;
    if (returnsDescriptor(request.op)) this.returning--;
    if (request.calls) this.calling--;
    this.roomMade = true;
    this.#codec.release(slot);
    this.#slots.release(slot);
  }
}

/**
 * Results are delivered by priority: the highest first, in order of completion within one. A result that came in a slot
 * keeps it until it is delivered, because the value is read from there then; or until others lack the room, where
 * nobody polls for long.
 */
export class Results {
  readonly #queue = new Queue(false);
  readonly #codec: Codec;
  readonly #budget: Budget;
  readonly #flight: InFlight;
  /** Those among them that have no slot (any more). */
  slotless = 0;

  constructor(codec: Codec, budget: Budget, flight: InFlight) {
    this.#codec = codec;
    this.#budget = budget;
    this.#flight = flight;
  }

  get length(): number {
    return this.#queue.length;
  }

  [Symbol.iterator](): Iterator<Request> {
    return this.#queue.requests();
  }

  push(request: Request, result: number): void {
    request.phase = Phase.done;
    request.result = result;
    if (request.slot < 0) this.slotless++;
    this.#queue.push(request);
  }

  take(): Request | null {
    const request = this.#queue.take();
    if (request !== null && request.slot < 0) this.slotless--;
    return request;
  }

  remove(request: Request): void {
    this.#queue.remove(request);
    if (request.slot < 0) this.slotless--;
  }

  /** Reads the value, gives the slot back and settles the request; returns what its settle() returns. */
  deliver(request: Request): unknown {
    const { result } = request;
    if (request.slot >= 0) {
      this.#read(request);
      if (request.align > 1) this.#budget.direct();
      else this.#budget.copied(result);
    }
    return this.#settle(request);
  }

  /** Reads all values now: the slots are wanted. True when that made room. */
  makeRoom(): boolean {
    const { length } = this;
    if (this.slotless === length) return false;
    for (const request of this) if (request.slot >= 0) this.#read(request);
    this.slotless = length;
    return true;
  }

  #read(request: Request): void {
    const { slot, result } = request;
    this.#decode(request, slot, result);
    this.#flight.release(slot);
    request.slot = NO_SLOT;
  }

  /** Delivers as many as this turn may; returns how many. */
  deliverSome(): number {
    let count = 0;
    for (let request = this.take(); request !== null; request = this.take()) {
      count++;
      this.deliver(request);
      if (!this.#budget.mayDeliverMore() || !mayGoOn()) break;
    }
    return count;
  }

  /** A value that cannot be read (the caller's buffer is gone) fails its request and no other. */
  #decode(request: Request, slot: number, result: number): void {
    try {
      this.#codec.decode(request, slot, result);
    } catch (error) {
      request.result = Special.fault;
      request.fault = faultOf(error);
    }
  }

  #settle(request: Request): unknown {
    request.phase = Phase.settled;
    if (request.release !== null) {
      request.release();
      request.release = null;
    }
    this.#flight.metrics.settle(request);
    const { memory } = this.#flight;
    if (memory !== null) return this.#settleWithin(memory, request);
    return this.#settleOwned(request);
  }

  #settleWithin(memory: MemoryBudget, request: Request): unknown {
    try {
      return this.#settleOwned(request);
    } finally {
      memory.give(request);
      this.#flight.roomMade = true;
    }
  }

  #settleOwned(request: Request): unknown {
    const { owner } = request;
    if (owner === null) return settle(request);
    try {
      return settle(request);
    } finally {
      owner.drop();
    }
  }
}

/** Of requests that we made ourselves: nobody polls for them. */
export const unheard = (): void => {};

export interface Home {
  /** Takes a request of our own. */
  undo(request: Request): void;
  /** One less is to be waited for. */
  arrived(): void;
  /** True when it waits (for a descriptor, or to begin anew) instead of being delivered. */
  keeps(request: Request, result: number): boolean;
  /** One that is kept has let go of its slot. */
  kept(): void;
}

/** What backends call: finds the request of a slot, and delivers it, keeps it or undoes it. */
export class CompletionReader implements Completions {
  readonly #flight: InFlight;
  readonly #results: Results;
  readonly #budget: Budget;
  readonly #home: Home;
  /** Polls under way, and 1 in manual mode: what completes is kept for them. */
  keeping = 0;
  /** Where there are lanes: what completes makes room in its own. */
  scheduler: Scheduler | null = null;
  /** Somebody wants to know when the last has arrived. */
  awaited = false;

  constructor(flight: InFlight, results: Results, budget: Budget, home: Home) {
    this.#flight = flight;
    this.#results = results;
    this.#budget = budget;
    this.#home = home;
  }

  complete(slot: number, result: number, moved?: MovedValue): boolean {
    const request = this.#flight.at(slot);
    if (request === null) return true;
    // One that is done but not delivered keeps its slot, so a worker that dies then does not lose it.
    if (request.phase === Phase.done) return true;
    if (this.scheduler !== null) {
      this.scheduler.done(request, result);
      this.#flight.roomMade = true;
    }
    if (request.phase === Phase.orphaned) this.letGo(request, slot, result);
    else if (!this.#arrive(request, result, moved)) return true;
    if (this.awaited) this.#home.arrived();
    return this.#budget.mayDeliverMore() && mayGoOn();
  }

  /** False: it is kept, to be delivered later. */
  #arrive(request: Request, result: number, moved?: MovedValue): boolean {
    if (request.phase === Phase.givenUp) {
      this.#part(request);
      request.result = ECANCELED;
    } else if (this.#home.keeps(request, result)) {
      this.#part(request);
      this.#flight.memory?.give(request);
      request.phase = Phase.waiting;
      this.#home.kept();
      return false;
    } else {
      if (request.sample !== null)
        this.#flight.metrics.come(request, request.slot);
      request.result = result;
      if (moved !== undefined) this.#take(request, moved);
    }
    if (this.#isNext()) {
      this.#results.deliver(request);
      return true;
    }
    this.#results.push(request, request.result);
    return false;
  }

  /** What lies in its slot is not read. */
  #part(request: Request): void {
    this.#flight.release(request.slot);
    request.slot = NO_SLOT;
  }

  /** Nobody waits for it: an opened descriptor is closed, never leaked. It may have no slot any more. */
  letGo(request: Request, slot: number, result: number): void {
    if (slot >= 0) {
      this.#flight.release(slot);
      this.#flight.memory?.give(request);
      request.owner?.drop();
      request.phase = Phase.settled;
    }
    const undo = result < 0 ? undefined : opByCode[request.op]?.undo;
    if (undo === undefined) return;
    const { code } = ops[undo as OpName];
    const undoing = new Request(code, decodeNone, unheard);
    undoing.fd = result;
    undoing.lane = request.lane;
    undoing.phase = Phase.waiting;
    this.#home.undo(undoing);
  }

  /** Nothing that is done, or may be, has a higher priority. */
  #isNext(): boolean {
    return (
      this.keeping === 0 &&
      this.#results.length === 0 &&
      !this.#flight.levels.mixed
    );
  }

  /** The value came beside the slot, which is not needed any more. */
  #take(request: Request, moved: MovedValue): void {
    this.#part(request);
    request.value = moved.value;
    if (moved.error !== undefined) request.reason = moved.error;
    if (moved.fault === undefined) return;
    request.fault = moved.fault;
    if (request.result === Special.fault)
      request.result = moved.fault.errno ?? request.result;
  }
}
