// The engine: when a request runs. Requests wait in priority order, are given a slot and handed to
// a backend once per turn; completions are read back, told to whoever asked, and make room for the
// next. It knows levels, phases and limits; it knows no op.
import type { Backend, Completions, MovedValue } from "../backends/backend.ts";
import { opByCode, ops, type OpName } from "../ops/table.ts";
import type { Allocator } from "../request/allocator.ts";
import { Codec, Encoded } from "../request/codec.ts";
import { errnoOf, faultOf } from "../request/errors.ts";
import { Control, Special } from "../request/layout.ts";
import { Memory } from "../request/memory.ts";
import { ECANCELED, Phase, Request } from "../request/request.ts";
import { decodeNone } from "../request/results.ts";
import { Slots } from "../request/slots.ts";
import { misuseError } from "../util/errors.ts";
import { Budget } from "./budget.ts";
import { watchEnds } from "./cancel.ts";
import { Loop, type Host } from "./loop.ts";
import { Queue } from "./queue.ts";
import type { EngineOptions } from "./options.ts";

export type MakeBackend = (
  memory: Memory,
  completions: Completions,
  wake: () => void,
) => Backend;

export class Engine implements Host, Completions {
  readonly memory: Memory;
  readonly backend: Backend;
  readonly #slots: Slots;
  readonly #codec: Codec;
  readonly #queue: Queue;
  readonly #loop: Loop;
  /** By slot: the request in flight; an orphan's slot keeps it until the worker lets go. */
  readonly #bySlot: (Request | null)[];
  readonly #flush = (): void => this.flush();
  #flushing = false;
  #inFlight = 0;
  #orphans = 0;
  #closed: Promise<void> | null = null;
  #drained: (() => void) | null = null;
  /** A slot came back since the last dispatch: those who wait may have room. */
  #roomMade = false;
  readonly budget: Budget;

  constructor(options: EngineOptions, make: MakeBackend) {
    this.memory = Memory.create(options.sizes);
    this.memory.control[Control.ageing] = options.ageing ? 1 : 0;
    this.#slots = new Slots(this.memory);
    this.#codec = new Codec(this.memory);
    this.#queue = new Queue(options.ageing);
    this.#bySlot = new Array<Request | null>(options.sizes.slots).fill(null);
    this.#loop = new Loop(this, options.loopLingerUs);
    this.budget = new Budget(options.maxPollReqs, options.maxPollTimeMs);
    this.backend = make(this.memory, this, () => this.#loop.wake());
    this.#codec.direct = this.backend.direct;
  }

  /** Requests not settled yet. */
  get nreqs(): number {
    return this.#queue.length + this.#inFlight - this.#orphans;
  }
  /** Requests not begun yet. */
  get nready(): number {
    return this.#queue.length + this.backend.counts().ready;
  }
  /** Requests done and not told yet. */
  get npending(): number {
    return this.backend.counts().pending;
  }
  get nthreads(): number {
    return this.backend.counts().threads;
  }
  get orphans(): number {
    return this.#orphans;
  }
  get freeSlots(): number {
    return this.#slots.freeCount;
  }
  /** Buffers in memory of ours, which nothing has to copy. */
  get allocator(): Allocator {
    return this.#codec.allocator;
  }
  get arenaUsedBytes(): number {
    return this.#codec.arena.usedBytes;
  }

  /** Takes a request. It settles later, exactly once, and never inside this call. */
  submit(request: Request): void {
    if (this.#closed !== null) throw misuseError("ERR_EIO_CLOSED");
    request.phase = Phase.waiting;
    if (request.owner !== null) request.owner.hold();
    this.#queue.push(request);
    if (request.ends !== null) watchEnds(request, request.ends, this.cancel);
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(this.#flush);
  }

  /** Ends a request now. What already runs goes on without an audience. */
  readonly cancel = (request: Request, reason: unknown): boolean => {
    let orphaned = false;
    if (request.phase === Phase.waiting) this.#queue.remove(request);
    else if (request.phase === Phase.inFlight) {
      this.backend.cancel(request.slot);
      this.#orphans++;
      orphaned = true;
    } else return false;
    request.reason = reason;
    request.result = ECANCELED;
    this.#settle(request, orphaned);
    this.#loop.update();
    this.#tellDrained();
    return true;
  };

  /** Changes the priority of a request that still waits. */
  reprioritise(request: Request, level: number): boolean {
    if (request.phase !== Phase.waiting) return false;
    this.#queue.remove(request);
    request.level = level;
    this.#queue.push(request);
    return true;
  }

  /** Hands waiting requests to the backend: one crossing per turn. */
  flush(): void {
    this.#flushing = false;
    if (this.#dispatch()) this.backend.flush();
    if (this.busy()) this.#loop.start();
    else this.#tellDrained();
  }

  // --- the loop's view ---

  reap(): number {
    this.budget.renew();
    const count = this.backend.reap();
    if (this.#roomMade && this.#queue.length !== 0 && this.#dispatch())
      this.backend.flush();
    this.#roomMade = false;
    return count;
  }

  busy(): boolean {
    return this.#inFlight !== 0;
  }

  /** Whoever closes waits for the orphans, too. */
  wanted(): boolean {
    return this.nreqs !== 0 || this.#drained !== null;
  }

  arm(): boolean {
    return this.backend.arm();
  }

  disarm(): void {
    this.backend.disarm();
  }

  // --- the backend's view ---

  complete(slot: number, result: number, moved?: MovedValue): boolean {
    const request = this.#bySlot[slot];
    if (request == null) return true;
    if (request.phase === Phase.settled) {
      this.#orphans--;
      this.#release(slot);
      request.owner?.drop();
      if (result >= 0) this.#undo(request.op, result);
    } else {
      if (moved !== undefined) this.#take(request, result, moved);
      else {
        this.#decode(request, slot, result);
        if (request.align > 1) this.budget.direct();
        else this.budget.copied(result);
      }
      this.#release(slot);
      this.#settle(request);
    }
    this.#tellDrained();
    return this.budget.mayTellMore();
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

  #take(request: Request, result: number, moved: MovedValue): void {
    request.result = result;
    request.value = moved.value;
    if (moved.error !== undefined) request.reason = moved.error;
    if (moved.fault === undefined) return;
    request.fault = moved.fault;
    if (result === Special.fault) request.result = moved.fault.errno ?? result;
  }

  /** Waits for what was submitted, orphans included, then lets the backend go. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.busy() || this.#queue.length !== 0)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        this.#loop.update();
      });
    // Nothing runs any more, so this ends soon: the process may wait for it.
    this.#loop.hold();
    await this.backend.close();
    this.#loop.stop();
  }

  #tellDrained(): void {
    if (this.#drained !== null && !this.busy() && this.#queue.length === 0)
      this.#drained();
  }

  #dispatch(): boolean {
    let queued = false;
    for (
      let request = this.#queue.take();
      request !== null;
      request = this.#queue.take()
    ) {
      const slot = this.#slots.take();
      if (slot === -1) {
        this.#queue.unshift(request);
        break;
      }
      const encoded = this.#codec.encode(request, slot);
      if (encoded === Encoded.pathTooLong || encoded === Encoded.tooLarge) {
        this.#slots.release(slot);
        request.result = errnoOf(
          encoded === Encoded.pathTooLong ? "ENAMETOOLONG" : "ENOBUFS",
        );
        this.#settle(request);
        continue;
      }
      if (encoded === Encoded.full || this.backend.queue(slot) === "busy") {
        if (encoded !== Encoded.full) this.#codec.release(slot);
        this.#slots.release(slot);
        this.#queue.unshift(request);
        break;
      }
      request.phase = Phase.inFlight;
      request.slot = slot;
      this.#bySlot[slot] = request;
      this.#inFlight++;
      queued = true;
    }
    return queued;
  }

  #release(slot: number): void {
    this.#bySlot[slot] = null;
    this.#inFlight--;
    this.#roomMade = true;
    this.#codec.release(slot);
    this.#slots.release(slot);
  }

  /** An orphan's descriptor stays held until its slot comes back. */
  #settle(request: Request, orphaned = false): void {
    request.phase = Phase.settled;
    if (request.release !== null) {
      request.release();
      request.release = null;
    }
    request.settle(request);
    if (request.owner !== null && !orphaned) request.owner.drop();
  }

  /** Nobody waits for this success any more: an opened descriptor is closed, never leaked. */
  #undo(code: number, result: number): void {
    const undo = opByCode[code]?.undo;
    if (undo === undefined) return;
    const request = new Request(ops[undo as OpName].code, decodeNone, () => {});
    request.fd = result;
    request.phase = Phase.waiting;
    this.#queue.push(request);
    this.flush();
  }
}
