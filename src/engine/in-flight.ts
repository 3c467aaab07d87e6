// The requests that have a slot: with the backend, done and not read yet, or orphans, which nobody
// waits for any more. It knows slots and what fits into one; it does not know who is next.
//
//   begin() --> in flight --release()--> its slot is free
//                   |
//                   +--leave()--> orphan --release()-->
//                   +--giveUp()--> given up --release()-->
import type { Backend } from "../backends/backend.ts";
import { Encoded, type Codec } from "../request/codec.ts";
import { errnoOf } from "../request/errors.ts";
import type { Memory } from "../request/memory.ts";
import { Phase, SLOT_LEFT, type Request } from "../request/request.ts";
import { Slots } from "../request/slots.ts";
import { returnsDescriptor } from "./fd-gate.ts";
import { Levels } from "./queue.ts";
import { Metrics } from "./metrics.ts";

/** What begin() returns besides an errno. */
export const BEGUN = 0;
export const NO_ROOM = 1;

export class InFlight {
  readonly #slots: Slots;
  readonly #codec: Codec;
  readonly metrics: Metrics;
  /** An orphan's slot keeps its request until the worker lets go. */
  readonly #bySlot: (Request | null)[];
  /** Orphans included, as in `count`. */
  readonly levels = new Levels();
  count = 0;
  orphans = 0;
  /** Cancelled, and not settled before nothing works on the caller's memory any more. */
  givenUp = 0;
  /** Those after which a descriptor is free again. */
  returning = 0;
  /** A slot came back since this was last set to false: those who wait may have room. */
  roomMade = false;
  /** The last that found no room lacked a slot, or bytes, and not a place on a ring. */
  full = false;

  constructor(memory: Memory, codec: Codec) {
    this.metrics = new Metrics(memory);
    this.#slots = new Slots(memory);
    this.#codec = codec;
    this.#bySlot = new Array<Request | null>(memory.sizes.slots).fill(null);
  }

  /** Without orphans. */
  *[Symbol.iterator](): Generator<Request> {
    for (const request of this.#bySlot)
      if (request !== null && request.slot !== SLOT_LEFT) yield request;
  }

  get freeSlots(): number {
    return this.#slots.freeCount;
  }

  at(slot: number): Request | null {
    return this.#bySlot[slot]!;
  }

  /** What has not completed; an orphan's too. */
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
    if (backend.queue(slot, past, request.align > 1) === "busy") {
      this.#codec.release(slot);
      this.#slots.release(slot);
      return NO_ROOM;
    }
    request.phase = Phase.inFlight;
    request.slot = slot;
    this.#bySlot[slot] = request;
    this.levels.add(request.level);
    this.count++;
    if (returnsDescriptor(request.op)) this.returning++;
    if (request.sample !== null) this.metrics.begin(request);
    return BEGUN;
  }

  /** Nobody waits for it any more; its slot stays taken until the backend lets go. */
  leave(request: Request): void {
    request.slot = SLOT_LEFT;
    this.orphans++;
  }

  /** One of those that nobody waits for and that works on a descriptor. */
  orphanOn(fd: number): Request | null {
    const isIt = (one: Request | null): boolean =>
      one !== null && one.slot === SLOT_LEFT && one.fd === fd;
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
    if (request.slot === SLOT_LEFT) this.orphans--;
    if (request.phase === Phase.givenUp) this.givenUp--;
    this.levels.remove(request.level);
    this.#bySlot[slot] = null;
    this.count--;
    if (returnsDescriptor(request.op)) this.returning--;
    this.roomMade = true;
    this.#codec.release(slot);
    this.#slots.release(slot);
  }
}
