// The engine: when a request runs. Requests wait in priority order, are given a slot and handed to
// a backend once per turn; completions are read back, delivered to their callers, and make room for the
// next. It knows levels, phases and limits; it knows no op.
import type { Backend, Completions } from "../backends/backend.ts";
import type { Allocator } from "../request/allocator.ts";
import { Codec } from "../request/codec.ts";
import { Control, SLOT_WORDS, Slot } from "../request/layout.ts";
import { makeMemory } from "../request/make-memory.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED, Phase, type Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import {
  CompletionReader,
  InFlight,
  NO_ROOM,
  Results,
  unheard,
} from "./completions.ts";
import { type Places, abandon, watchEnds } from "./cancel.ts";
import { closedHere, Shutdown, type Unfinished, carryOut } from "./shutdown.ts";
import {
  type Budget,
  type Host,
  Loop,
  type Turns,
  budgetOf,
  openPollFd,
  pollBeside,
  tick,
} from "./polling.ts";
import { Manual, type ManualHost } from "./manual-polling.ts";
import { DEFAULT_LANE, type EngineOptions, SHARE } from "./options.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type Metrics, Watchdog } from "./metrics.ts";
import { type Lane, Scheduler } from "./scheduler.ts";
import { Waiting, type WaitingHost } from "./waiting.ts";
import { nextTick } from "../util/node-timers.ts";

export type MakeBackend = (
  memory: Memory,
  completions: Completions,
  wake: () => void,
) => Backend;

export interface LaneState {
  name: string;
  /** Requests that wait for their turn. */
  waiting: number;
  inFlight: number;
  maxParallel: number;
  share: number;
}

export class Engine implements Host, ManualHost, WaitingHost, Unfinished {
  readonly memory: Memory;
  readonly backend: Backend;
  readonly #codec: Codec;
  readonly #waiting: Waiting;
  readonly scheduler: Scheduler | null;
  readonly watch: Watchdog;
  readonly metrics: Metrics;
  readonly #turns: Turns;
  /** Delivers what is done when polled; null where the loop does. */
  readonly #manual: Manual | null;
  readonly results: Results;
  readonly #flight: InFlight;
  readonly #completions: CompletionReader;
  readonly #places: Places;
  readonly #flush = (): void => this.#tick();
  readonly #collect = (): void => this.collect();
  /** A flush is to come in this turn: the first request that was queued in it has gone already. */
  #flushing = false;
  /** Ticks run between the callbacks of a turn: what all of them submit is flushed at its end. */
  #reaping = false;
  /** Some were handed over behind the first, and nobody was woken for them. */
  #gathered = false;
  /** Some found no room: no others are tried before the flush. */
  #stalled = false;
  #closed: Promise<void> | null = null;
  /** Its stack is that of the call. */
  #closedBy: Error | null = null;
  #shutdown: Shutdown | null = null;
  readonly budget: Budget;
  /** Of those who wait until orphans let go of something: what to call if the instance closes first. */
  readonly #awaiting = new Set<() => void>();
  /** Of those who wait for something else than a request: what to call when the instance is closed. */
  readonly #closeListeners = new Set<(error: Error) => void>();

  constructor(options: EngineOptions, make: MakeBackend) {
    this.memory = makeMemory(options.sizes);
    this.memory.control[Control.ageing] = options.ageing ? 1 : 0;
    this.#codec = new Codec(this.memory);
    const { lanes, mounts, maxMemory } = options;
    const plain = lanes === null && mounts === null && maxMemory === 0;
    this.scheduler = plain ? null : new Scheduler(options);
    this.#waiting = new Waiting(options, this.scheduler, this);
    this.#flight = new InFlight(this.memory, this.#codec);
    this.budget = budgetOf(options);
    this.results = new Results(this.#codec, this.budget, this.#flight);
    this.#flight.memory = this.memoryBudget;
    this.#manual = options.poll === "manual" ? new Manual(this, options) : null;
    this.#completions = new CompletionReader(
      this.#flight,
      this.results,
      this.budget,
      {
        undo: (request) => {
          this.#waiting.queue.push(request);
          this.flush();
        },
        arrived: () => this.#shutdown?.check(),
        keeps: (request, result) => this.#waiting.keeps(request, result),
        kept: () => this.#waiting.kept(),
      },
    );
    if (this.#manual !== null) this.#completions.keeping++;
    this.#turns = this.#manual ?? new Loop(this, options.loopLingerUs);
    this.backend = make(this.memory, this.#completions, () =>
      this.#turns.wake(),
    );
    this.#places = {
      waiting: this.#waiting,
      flight: this.#flight,
      results: this.results,
      completions: this.#completions,
      backend: this.backend,
    };
    this.#codec.direct = this.backend.direct;
    this.metrics = this.#flight.metrics;
    this.metrics.attach(this.backend);
    this.#completions.scheduler = this.scheduler;
    this.watch = new Watchdog(this.memory, this.#flight, options.stuckAfterMs);
    if (this.scheduler !== null)
      this.scheduler.attach(this.backend, this.watch);
    // What hangs is reported to the backend, with lanes or without.
    else this.watch.looked = (hung) => this.backend.spare?.(0, hung.length);
  }

  /** Requests not settled yet. */
  get nreqs(): number {
    const { count, orphans } = this.#flight;
    return this.#waiting.length + count - orphans + this.results.slotless;
  }
  /** Those that `nreqs` counts. */
  *requests(): Generator<Request> {
    yield* this.#waiting;
    yield* this.#flight;
    for (const request of this.results) if (request.slot < 0) yield request;
  }
  /** Requests not begun yet. */
  get nready(): number {
    return this.#waiting.length + this.backend.counts().ready;
  }
  /** Requests done but not delivered yet. */
  get npending(): number {
    return this.backend.counts().pending + this.results.length;
  }
  /** Readable while there is something to poll, for loops other than Node's. */
  get pollFd(): number {
    if (this.#manual === null)
      throw misuseError("ERR_EIO_POLL_FD", 'it takes poll: "manual"');
    if (this.#closed !== null) throw this.#closedError();
    const { control } = this.memory;
    return this.#manual.pollFd(() => openPollFd(this.backend, control));
  }
  /** Requests whose end somebody waits for who has not given them up. */
  get wantedCount(): number {
    return this.nreqs - this.#flight.givenUp - this.#waiting.behindOrphans;
  }
  get leftCount(): number {
    return this.#flight.count + this.#waiting.behindOrphans;
  }
  get nthreads(): number {
    return this.backend.counts().threads;
  }
  get orphans(): number {
    return this.#flight.orphans;
  }
  /** Requests that somebody runs, or is to run: they have a slot and are not done. */
  get running(): number {
    const { length, slotless } = this.results;
    return this.#flight.count - (length - slotless);
  }
  /** Cancelled, and somebody works for them still: orphans, and those not settled for that reason. */
  get abandoned(): number {
    return this.orphans + this.#flight.givenUp;
  }
  orphanOn(fd: number): Request | null {
    return this.#flight.orphanOn(fd);
  }
  /** Requests in flight after which a descriptor is free again. */
  get returning(): number {
    return this.#flight.returning;
  }
  get freeSlots(): number {
    return this.#flight.freeSlots;
  }
  /** Whether requests may work on their callers' own memory. */
  get lends(): boolean {
    return this.backend.direct !== null;
  }
  /** The ceiling on memory; null: there is none. */
  get memoryBudget(): MemoryBudget | null {
    return this.scheduler?.memory ?? null;
  }
  foundBytes({ slot }: Request): number {
    return this.memory.words[slot * SLOT_WORDS + Slot.outBytes]!;
  }
  get allocator(): Allocator {
    return this.#codec.allocator;
  }
  get arenaUsedBytes(): number {
    return this.#codec.arena.usedBytes;
  }

  /** Without lanes everything is in one. */
  get lanes(): LaneState[] {
    const { nreqs, nready, scheduler } = this;
    if (scheduler !== null) return [...scheduler].map(stateOf);
    const name = DEFAULT_LANE;
    const inFlight = nreqs - nready;
    const maxParallel = Infinity;
    return [{ name, waiting: nready, inFlight, maxParallel, share: SHARE }];
  }

  /** Takes a request. It settles later, exactly once, and never inside this call. */
  submit(request: Request): void {
    this.#manual?.enter();
    if (this.#closed !== null) throw this.#closedError();
    if (this.scheduler !== null) this.scheduler.place(request);
    else if (request.laneName !== null) this.#refuseLane(request.laneName);
    request.phase = Phase.waiting;
    request.owner?.hold();
    this.metrics.submit(request);
    this.#waiting.add(request);
    if (request.ends !== null) watchEnds(request, request.ends, this.cancel);
    if (this.#manual?.eager === true) this.flush();
  }

  #refuseLane(name: string): void {
    if (name !== DEFAULT_LANE)
      throw misuseError("ERR_EIO_UNKNOWN_LANE", name, DEFAULT_LANE);
  }

  /**
   * What is submitted is carried out though the loop's thread be blocked from here on. The first request
   * of a turn is handed over whole, and may wake somebody; those behind it are put where an awake
   * worker finds them, and wake others, or enter the kernel, together at the end of the turn; what a
   * lane writes begins at once where that is cheap. In manual mode all wait for that: until then a cancel takes them out of the queue, counts and all.
   */
  queued(): void {
    if (this.#manual === null) this.#handOver();
    if (this.#flushing) return;
    this.#flushing = true;
    if (!this.#reaping) nextTick(this.#flush);
  }

  #handOver(): void {
    if (this.#stalled) return;
    const handed = this.#dispatch();
    this.#stalled = this.#waiting.mayGo;
    if (!handed) return;
    if (!this.#flushing) return this.backend.flush();
    this.#gathered = true;
    this.backend.begin?.();
  }

  /**
   * Ends a request now (in manual mode: at the next poll). What already runs goes on without an
   * audience; but where it works on the caller's own memory, the request ends when that is let go.
   */
  readonly cancel = (request: Request, reason: unknown): boolean => {
    this.#manual?.enter();
    const abandoned = abandon(this.#places, request, reason);
    if (abandoned === "no") return false;
    if (abandoned === "now") this.#settleCancelled(request, reason);
    this.#waiting.madeRoom();
    this.#turns.update();
    this.#shutdown?.check();
    return true;
  };

  #settleCancelled(request: Request, reason: unknown): void {
    request.reason = reason;
    // A callback is not called inside of abort(), say.
    if (this.#manual !== null || request.calls)
      return this.finish(request, ECANCELED);
    request.result = ECANCELED;
    this.results.deliver(request);
  }

  /**
   * Cancels as libeio does: what has not begun does not run, what runs goes on. Either way the request
   * is delivered once, later, with ECANCELED or with what became of it.
   */
  cancelSoftly(request: Request): void {
    this.#manual?.enter();
    if (request.phase === Phase.inFlight) this.backend.cancel(request.slot);
    if (request.phase !== Phase.waiting) return;
    this.#waiting.remove(request);
    this.finish(request, ECANCELED);
  }

  /** Takes a request that needs no backend as done: it is delivered with the results, in its priority. */
  end(request: Request, result: number): void {
    this.#manual?.enter();
    if (this.#closed !== null) throw this.#closedError();
    request.owner?.hold();
    if (this.#manual !== null) this.collect(); // what is done by now comes first
    this.finish(request, result);
  }

  readonly finish = (request: Request, result: number): void => {
    this.results.push(request, result);
    this.#turns.look();
  };

  /**
   * Delivers what is done now: 0 when nothing is left, -1 when a limit was reached, else what a callback
   * returned, which ends the poll. What a callback throws comes out here, and the rest stays.
   */
  poll(): number {
    const { reqsMax, timeMs } = this.budget;
    this.#manual?.enter();
    if (this.#manual !== null) return this.#manual.poll(reqsMax, timeMs);
    try {
      return pollBeside(this, this.#completions, reqsMax, timeMs);
    } finally {
      this.forward();
      if (this.results.length !== 0) this.#turns.look();
    }
  }

  /** Changes the priority of a request that still waits. */
  reprioritise(request: Request, level: number): boolean {
    this.#manual?.enter();
    if (request.phase !== Phase.waiting) return false;
    this.#waiting.reprioritise(request, level);
    return true;
  }

  /** Hands waiting requests to the backend: one crossing per turn. */
  flush(): void {
    this.#manual?.enter();
    this.#send();
    this.#goOn();
  }

  /** Behind whoever submitted something. What was done at once ends here if it may: a promise soon after a turn. */
  #tick(): void {
    this.#manual?.enter();
    this.#send();
    const inTick =
      this.#manual === null &&
      this.#flight.calling === 0 &&
      this.backend.didAtOnce?.() === true &&
      this.budget.mayDeliverInTick();
    if (inTick) tick(this.#collect);
    if (this.#flight.roomMade) this.forward();
    this.#goOn();
  }

  #send(): void {
    const gathered = this.#gathered;
    this.#flushing = this.#stalled = this.#gathered = false;
    if (this.#dispatch() || gathered) this.backend.flush();
  }

  #goOn(): void {
    if (!this.busy()) return this.#shutdown?.check();
    this.#turns.start();
    this.watch.start();
  }

  reap(): number {
    this.budget.renew();
    this.#reaping = true;
    let count = 0;
    try {
      count = this.backend.reap() + this.results.deliverSome();
    } finally {
      this.#reaping = false;
      if (this.#flushing) this.flush();
    }
    if (this.#flight.roomMade) this.forward();
    this.#shutdown?.check();
    return count;
  }

  collect(): void {
    this.backend.reap();
  }

  forward(): void {
    this.#flight.roomMade = false;
    if (this.starved() && this.#dispatch()) this.backend.flush();
    this.#shutdown?.check();
  }

  starved(): boolean {
    return this.#waiting.queue.length !== 0;
  }

  busy(): boolean {
    return this.#flight.count !== 0 || this.results.length !== 0;
  }

  /** Whoever closes waits for the orphans, too, for a while. */
  wanted(): boolean {
    const shutdown = this.#shutdown;
    return shutdown === null
      ? this.nreqs !== 0 || this.#awaiting.size !== 0
      : this.wantedCount !== 0 || shutdown.waiting;
  }

  /**
   * Somebody waits for what orphans hold, a descriptor to be closed: the process stays alive for that, until the returned
   * function is called. Should the instance close meanwhile, it waits for orphans for a while only, and then calls `giveUp`.
   */
  readonly awaitOrphan = (giveUp: () => void): (() => void) => {
    const waiting = (): void => giveUp();
    this.#awaiting.add(waiting);
    this.#turns.update();
    return () => {
      if (this.#awaiting.delete(waiting)) this.#turns.update();
    };
  };

  giveUp(): void {
    for (const giveUp of this.#awaiting) giveUp();
    this.#awaiting.clear();
    this.#turns.update();
  }

  arm(): boolean {
    this.budget.sleep();
    return this.backend.arm();
  }

  disarm(): void {
    this.backend.disarm();
  }

  crowded(): boolean {
    return this.backend.crowded?.() === true;
  }

  /** The process exits: what was submitted is carried out, within a limit, without notifying anybody. */
  carryOut(): void {
    if (this.idle()) return;
    this.memoryBudget?.lift();
    this.#completions.keeping++;
    try {
      carryOut({
        advance: () => {
          if (this.starved()) this.results.makeRoom();
          this.#dispatch();
          this.backend.flush();
          this.backend.runHere?.();
          return this.backend.reap();
        },
        left: () => this.wantedCount > this.results.length,
      });
    } finally {
      this.#completions.keeping--;
    }
  }

  /** Waits for what was submitted, then lets the backend go; see shutdown.ts for orphans. */
  close(by = closedHere()): Promise<void> {
    this.#manual?.enter();
    this.#completions.awaited = true;
    this.#shutdown ??= new Shutdown(this);
    this.#closedBy ??= by;
    this.#closed ??= this.#shutdown.end();
    for (const listener of this.#closeListeners) listener(this.#closedError());
    this.#closeListeners.clear();
    this.#turns.update();
    return this.#closed;
  }

  /** Calls once, when it is closed (at once, if it is), with the error of what comes later; until the returned function is called. */
  onClose(listener: (error: Error) => void): () => void {
    if (this.#closed === null) this.#closeListeners.add(listener);
    else listener(this.#closedError());
    return () => this.#closeListeners.delete(listener);
  }

  #closedError(): Error {
    const error = misuseError("ERR_EIO_CLOSED");
    return Object.assign(error, { cause: this.#closedBy });
  }

  async letGo(): Promise<void> {
    // Nothing runs any more, so this ends soon: the process may wait for it.
    this.#turns.hold();
    await this.backend.close();
    this.#turns.stop();
    this.watch.stop();
  }

  idle(): boolean {
    return !this.busy() && this.#waiting.length === 0;
  }

  /**
   * Gives requests that wait a slot and hands them to the backend, as many as there is room for; returns whether
   * any was. What finds no room keeps back what is not above it; a higher one has a ring of its own.
   */
  #dispatch(): boolean {
    const { queue } = this.#waiting;
    let queued = false;
    let above = -1;
    for (
      let request = queue.take();
      request !== null;
      request = queue.take(above)
    ) {
      const apart = this.scheduler?.isApart(request) === true;
      const begun = this.#flight.begin(request, this.backend, apart);
      if (begun === NO_ROOM) {
        const again = this.#flight.full && this.results.makeRoom();
        queue.unshift(request);
        if (!again) above = request.level;
      } else if (begun < 0) {
        this.scheduler?.done(request, begun);
        this.finish(request, begun);
      } else {
        queued = true;
        if (request.settle === unheard) this.#flight.unheard(request);
      }
    }
    if (queued) this.scheduler?.sent();
    return queued;
  }
}

function stateOf({ name, length, inFlight, limits }: Lane): LaneState {
  const { maxParallel, share } = limits;
  return { name, waiting: length, inFlight, maxParallel, share };
}
