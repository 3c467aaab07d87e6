// Who waits: in the queue for a slot, at the gate for a descriptor, or for what was given up to let go of one; and who begins anew. It knows who is
// where; the order is the queue's, and when somebody goes is the engine's.
import fs from "node:fs";
import { Special } from "../request/layout.ts";
import { ESTALE, isRepeatable } from "../ops/stale.ts";
import { opByCode } from "../ops/table.ts";
import type { Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import {
  clearTimeout,
  clockMs,
  setImmediate,
  setTimeout,
} from "../util/node-timers.ts";
import { Aborted } from "./cancel.ts";
import type { EngineOptions } from "./options.ts";
import { Queue } from "./queue.ts";
import type { Scheduler } from "./scheduler.ts";

export interface WaitingHost {
  /** Something is in the queue that was not there. */
  queued(): void;
  /** It waited for a descriptor for as long as it may. */
  finish(request: Request, result: number): void;
  /** How much there was to read for a request that ended with Special.overLimit, and still has its slot. */
  foundBytes(request: Request): number;
  /** Requests that nobody waits for and that somebody still runs. */
  readonly orphans: number;
  /** One of those that works on a descriptor. */
  orphanOn(fd: number): Request | null;
  /** Requests in flight after which a descriptor is free again. */
  readonly returning: number;
  cancel(request: Request, reason: unknown): void;
  awaitOrphan(giveUp: () => void): () => void;
}

const warn = (waiting: number): void =>
  process.emitWarning(
    `No file descriptor is left: ${waiting} requests that open files have been waiting for more than a second for others to be closed`,
    { code: "EIO_WAITS_FOR_DESCRIPTORS" },
  );

export class Waiting {
  readonly queue: Queue | Scheduler;
  readonly #gate: FdGate | null;
  readonly #host: WaitingHost;
  readonly #scheduler: Scheduler | null;
  /** Came back to be done again (stale, or larger than thought): begins anew when it has let go of its slot. */
  #anew: Request | null = null;
  readonly #repeated = new WeakSet<Request>();
  /** Closes that wait until orphans let go of their descriptors. */
  readonly #behind = new Set<Request>();

  constructor(
    options: EngineOptions,
    scheduler: Scheduler | null,
    host: WaitingHost,
  ) {
    this.queue = scheduler ?? new Queue(options.ageing);
    this.#scheduler = scheduler;
    this.#host = host;
    const memory = scheduler?.memory;
    if (memory != null) memory.freed = () => this.madeRoom();
    const again = (request: Request): void => this.#enqueue(request);
    const finish = (request: Request, result: number): void =>
      host.finish(request, result);
    const returning = (): number => host.returning;
    this.#gate =
      options.fdGate === false
        ? null
        : new FdGate(
            { again, finish, returning, warn, afterTurn: setImmediate },
            {
              get limit() {
                return descriptorLimit();
              },
              waitMs: options.fdWaitMs,
              always: options.fdGate === true,
            },
          );
  }

  /** How many wait until what was given up lets go of their descriptors. */
  get behindOrphans(): number {
    return this.#behind.size;
  }

  get length(): number {
    return this.queue.length + (this.#gate?.size ?? 0) + this.#behind.size;
  }

  *[Symbol.iterator](): Generator<Request> {
    yield* this.queue.requests();
    yield* this.#behind;
    if (this.#gate !== null) yield* this.#gate;
  }

  add(request: Request): void {
    const orphan =
      this.#host.orphans !== 0 && opByCode[request.op]!.closes === true
        ? this.#host.orphanOn(request.fd)
        : null;
    if (orphan !== null) this.#addBehind(orphan, request);
    else if (this.#gate === null || this.#gate.admits(request))
      this.#enqueue(request);
  }

  /** A number is not to be closed, and given to another file, while somebody may still use it. */
  #addBehind(orphan: Request, request: Request): void {
    const { owner } = orphan;
    this.#behind.add(request);
    const letGo = this.#host.awaitOrphan(() =>
      this.#host.cancel(request, new Aborted(misuseError("ERR_EIO_CLOSED"))),
    );
    orphan.owner = {
      hold: () => owner?.hold(),
      drop: () => {
        owner?.drop();
        letGo();
        if (this.#behind.delete(request)) this.add(request);
      },
    };
  }

  remove(request: Request): void {
    if (this.#behind.delete(request)) return;
    if (this.#gate?.delete(request)) return;
    this.queue.remove(request);
    // It may have been the one that others waited behind.
    this.madeRoom();
  }

  /** Those that could go now: of what waits for memory nobody can before some is given back. */
  get mayGo(): boolean {
    return this.queue.length > (this.#scheduler?.heldCount ?? 0);
  }

  /** Who waits for memory is tried again. */
  madeRoom(): void {
    if (this.#scheduler !== null && this.#scheduler.heldCount !== 0)
      this.#host.queued();
  }

  reprioritise(request: Request, level: number): void {
    const queued = !this.#gate?.has(request) && !this.#behind.has(request);
    if (queued) this.queue.remove(request);
    request.level = level;
    if (queued) this.queue.push(request);
    this.madeRoom();
  }

  /** Whether a request that came back waits for a descriptor, or begins anew, instead of being delivered. */
  keeps(request: Request, result: number): boolean {
    if (this.#gate?.keeps(request, result) === true) return true;
    if (result === Special.overLimit) {
      const bytes = this.#host.foundBytes(request);
      this.#scheduler!.memory!.grow(request, bytes);
      this.#anew = request;
      return true;
    }
    return result === ESTALE && this.#beginsAnew(request);
  }

  /** Once: if the path is stale again, the request fails with that. */
  #beginsAnew(request: Request): boolean {
    if (!isRepeatable(request.op, request.a) || this.#repeated.has(request))
      return false;
    this.#repeated.add(request);
    this.#anew = request;
    return true;
  }

  /** One that is kept has let go of its slot. */
  kept(): void {
    const anew = this.#anew;
    this.#anew = null;
    if (anew !== null) this.#enqueue(anew);
    this.#gate?.kept();
  }

  #enqueue(request: Request): void {
    this.queue.push(request);
    this.#host.queued();
  }
}

const EMFILE = -24;
const ENFILE = -23;
const LOOK_FIRST_MS = 10;
const LOOK_LAST_MS = 500;
const WARN_AFTER_MS = 1000;
/** So many descriptors (at most, and as a share of the limit) are left to sockets and to threads. */
const RESERVE_MAX = 32;
const RESERVE_SHARE = 8;

export interface GateHost {
  /** Queues a request that has waited. */
  again(request: Request): void;
  /** It waited for as long as it may, and fails. */
  finish(request: Request, result: number): void;
  /** Requests in flight after which a descriptor is free again: jobs that open and close, and closes. */
  returning(): number;
  /** Requests have waited for a while; called once. */
  warn(waiting: number): void;
  /** Calls when the caller of a request that ends now has been called back. */
  afterTurn(call: () => void): void;
}

export interface GateOptions {
  /** Descriptors that the process may have; read when the first is opened, again where it is 0. */
  readonly limit: number;
  /** A request that has waited for so long fails. */
  waitMs: number;
  /** Waits for what only the caller, or others, will close, too. */
  always: boolean;
}

/** A job that closes what it opened, or a close. */
export function returnsDescriptor(op: number): boolean {
  const { opens, closes, result } = opByCode[op]!;
  return closes === true || (opens === true && result !== "fd");
}

export interface Clock {
  now(): number;
  /** Calls once, after so long; returns a function that prevents it. */
  after(ms: number, call: () => void): () => void;
}

const realClock: Clock = {
  now: () => clockMs(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * The gate on descriptors. Where none is left (EMFILE, ENFILE) an op that opens does not fail but
 * waits, first come, first served, until one is closed. It knows that an op opens, not which op.
 *
 *   submitted --nobody waits--> runs --EMFILE--> waits --one was closed, or it is time to look--> runs
 *       |                         +--a number near the limit: for a moment the next ones wait
 *       +-------somebody waits------------------> waits --nothing of ours will be closed--> fails
 *
 * Others in the process close descriptors, too, without notice: hence the looks. Each that succeeds
 * lets one more through at once; one that fails waits on in front of all others. By default it waits
 * only while we hold descriptors that come back without the caller's doing: those of jobs in flight, and of
 * operations in several steps. One that fails while there are none is tried again, since one may just
 * have come back, and when that fails, too, it fails as in Node. Its caller may then close what it holds, so the
 * next one who waits is tried after that, and fails in its turn if there is still none. A job that gives its descriptor
 * back lets one who would keep it fail first.
 */
export class FdGate {
  readonly #host: GateHost;
  readonly #waitMs: number;
  readonly #always: boolean;
  readonly #clock: Clock;
  /** From this number on a new descriptor means that few are left. */
  #near: number | null = null;
  readonly #options: GateOptions;
  /** In the order of their turn, with the time from which each has waited. */
  #waiting = new Map<Request, number>();
  /** Let through again, with the same. */
  readonly #trying = new Map<Request, number>();
  /** Open descriptors of operations that close them themselves. */
  readonly #passing = new Set<number>();
  readonly #gaveWay = new WeakSet<Request>();
  #warned = false;
  /** The last one that was opened is among the last that there are. */
  #tight = false;
  #lookMs = LOOK_FIRST_MS;
  #stopLook: (() => void) | null = null;

  constructor(host: GateHost, options: GateOptions, clock: Clock = realClock) {
    this.#host = host;
    this.#options = options;
    this.#waitMs = options.waitMs;
    this.#always = options.always;
    this.#clock = clock;
  }

  #isNear(fd: number): boolean {
    if (this.#near === null) {
      const { limit } = this.#options;
      if (limit === 0) return true;
      const reserve = Math.min(RESERVE_MAX, Math.floor(limit / RESERVE_SHARE));
      this.#near = limit - reserve;
    }
    return fd >= this.#near;
  }

  get size(): number {
    return this.#waiting.size;
  }

  [Symbol.iterator](): Iterator<Request> {
    return this.#waiting.keys();
  }

  has(request: Request): boolean {
    return this.#waiting.has(request);
  }

  /** True when it may run now; else it is kept, and queued when it is its turn. */
  admits(request: Request): boolean {
    if (this.#waiting.size === 0 && !this.#tight) return true;
    if (!opByCode[request.op]!.opens) return true;
    this.#keep(request, this.#clock.now());
    return false;
  }

  /** It is cancelled. */
  delete(request: Request): boolean {
    this.#trying.delete(request);
    const was = this.#waiting.delete(request);
    if (this.#waiting.size === 0) this.#rest();
    return was;
  }

  /**
   * An op that opens has ended: with a descriptor, with another result (0 or more), or with an errno.
   * True when its failure is kept back, because it waits (again).
   */
  ended(request: Request, result: number, opened: boolean): boolean {
    const tried = this.#trying.get(request);
    this.#trying.delete(request);
    const worthIt = this.#isWorthWaiting(request);
    if (result === EMFILE || result === ENFILE)
      return this.#failed(request, tried, worthIt);
    if (opened && result >= 0 && request.passing) this.#passing.add(result);
    this.#tight = opened && worthIt && this.#isNear(result);
    if (this.#waiting.size !== 0 && !this.#tight) {
      this.#lookMs = LOOK_FIRST_MS;
      this.#letOne();
    }
    return false;
  }

  #failed(
    request: Request,
    tried: number | undefined,
    worthIt: boolean,
  ): boolean {
    const now = this.#clock.now();
    if (now - (tried ?? now) >= this.#waitMs) return false;
    if (tried !== undefined && !worthIt && !this.#givesWay(request)) {
      this.#host.afterTurn(() => this.#letOne());
      return false;
    }
    if (tried === undefined) this.#waiting.set(request, now);
    else this.#waiting = new Map([[request, tried], ...this.#waiting]);
    this.#lookLater();
    return true;
  }

  /** Once: a job goes behind one who would keep its descriptor, and whose caller may close others when that fails. */
  #givesWay(job: Request): boolean {
    if (!returnsDescriptor(job.op) || this.#gaveWay.has(job)) return false;
    for (const keeper of this.#waiting.keys()) {
      if (returnsDescriptor(keeper.op)) continue;
      this.#gaveWay.add(job);
      this.#letOne(keeper);
      return true;
    }
    return false;
  }

  /** A request that is kept has let go of its slot. */
  kept(): void {
    if (this.#trying.size === 0 && !this.#isWorthWaiting()) this.#letOne();
  }

  /** `but`: a request in flight that has just ended. */
  #isWorthWaiting(but?: Request): boolean {
    if (this.#always || this.#passing.size !== 0) return true;
    const itself = but !== undefined && returnsDescriptor(but.op) ? 1 : 0;
    return this.#host.returning() > itself;
  }

  /** The same for a request of any op that came back: true when it waits (again). */
  keeps(request: Request, result: number): boolean {
    const op = opByCode[request.op]!;
    if (op.opens) return this.ended(request, result, op.result === "fd");
    if (op.closes) {
      this.#passing.delete(request.fd);
      this.freed();
    }
    return false;
  }

  /** A descriptor was closed. */
  freed(): void {
    this.#tight = false;
    if (this.#waiting.size !== 0) this.#letOne();
  }

  #keep(request: Request, since: number): void {
    this.#waiting.set(request, since);
    this.#lookLater();
  }

  #letOne(request = this.#waiting.keys().next().value): void {
    if (request === undefined) return;
    const since = this.#waiting.get(request)!;
    this.#waiting.delete(request);
    this.#trying.set(request, since);
    if (this.#waiting.size === 0) this.#rest();
    this.#host.again(request);
  }

  #lookLater(): void {
    if (this.#stopLook !== null) return;
    this.#stopLook = this.#clock.after(this.#lookMs, () => {
      this.#stopLook = null;
      this.#lookMs = Math.min(this.#lookMs * 2, LOOK_LAST_MS);
      this.#tight = false;
      this.#giveUpOld();
      this.#warn();
      this.#letOne();
      if (this.#waiting.size !== 0) this.#lookLater();
    });
  }

  #giveUpOld(): void {
    const oldest = this.#clock.now() - this.#waitMs;
    for (const [request, since] of this.#waiting) {
      if (since > oldest) return;
      this.#waiting.delete(request);
      this.#host.finish(request, EMFILE);
    }
  }

  #warn(): void {
    const [first] = this.#waiting.values();
    if (!this.#always || this.#warned || first === undefined) return;
    if (this.#clock.now() - first < WARN_AFTER_MS) return;
    this.#warned = true;
    this.#host.warn(this.#waiting.size);
  }

  #rest(): void {
    this.#stopLook?.();
    this.#stopLook = null;
    this.#lookMs = LOOK_FIRST_MS;
  }
}

/** How many this process may have, as far as the system says; 0: not even one more. */
export function descriptorLimit(): number {
  try {
    const limits = fs.readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EMFILE" || code === "ENFILE" ? 0 : Infinity;
  }
}
