// What is done and not told yet, by priority: the highest first, in order of completion within one.
// A result that came in a slot keeps it until it is told, because the value is read from there then; or
// until others lack the room, where nobody polls for long.
import type { Codec } from "../request/codec.ts";
import { faultOf } from "../request/errors.ts";
import { Special } from "../request/layout.ts";
import { NO_SLOT, Phase, SLOT_LEFT, type Request } from "../request/request.ts";
import type { Budget } from "./budget.ts";
import type { InFlight } from "./in-flight.ts";
import { Queue } from "./queue.ts";
import { mayGoOn, settle } from "./ticks.ts";

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

  /** Reads the value, gives the slot back, and tells whoever asked; answers what they answer. */
  tell(request: Request): unknown {
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

  /** Tells as many as this turn may; answers how many. */
  tellSome(): number {
    let count = 0;
    for (let request = this.take(); request !== null; request = this.take()) {
      count++;
      this.tell(request);
      if (!this.#budget.mayTellMore() || !mayGoOn()) break;
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

  /** The owner of an orphan's descriptor waits until its slot comes back. */
  #settle(request: Request): unknown {
    request.phase = Phase.settled;
    if (request.release !== null) {
      request.release();
      request.release = null;
    }
    this.#flight.metrics.settle(request);
    const { owner } = request;
    if (owner === null || request.slot === SLOT_LEFT) return settle(request);
    try {
      return settle(request);
    } finally {
      owner.drop();
    }
  }
}
