// Who waits: for a slot, in the queue, or for a descriptor, at the gate. It knows who is where; the
// order is the queue's, and when somebody goes is the engine's.
import { opByCode } from "../ops/table.ts";
import type { Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import { Aborted } from "./cancel.ts";
import { FdGate, descriptorLimit } from "./fd-gate.ts";
import type { EngineOptions } from "./options.ts";
import { Queue } from "./queue.ts";
import type { Scheduler } from "./scheduler.ts";

export interface WaitingHost {
  /** Something is in the queue that was not there. */
  queued(): void;
  /** It waited for a descriptor for as long as it may. */
  finish(request: Request, result: number): void;
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
    `No descriptor is left: ${waiting} requests that open files have waited for more than a second until some are closed`,
    { code: "EIO_WAITS_FOR_DESCRIPTORS" },
  );

export class Waiting {
  readonly queue: Queue | Scheduler;
  readonly #gate: FdGate | null;
  readonly #host: WaitingHost;
  /** Closes that wait until orphans let go of their descriptors. */
  readonly #behind = new Set<Request>();

  constructor(
    options: EngineOptions,
    scheduler: Scheduler | null,
    host: WaitingHost,
  ) {
    this.queue = scheduler ?? new Queue(options.ageing);
    this.#host = host;
    const again = (request: Request): void => this.#enqueue(request);
    const finish = (request: Request, result: number): void =>
      host.finish(request, result);
    const returning = (): number => host.returning;
    this.#gate =
      options.fdGate === false
        ? null
        : new FdGate(
            { again, finish, returning, warn },
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
    if (!this.#gate?.delete(request)) this.queue.remove(request);
  }

  reprioritise(request: Request, level: number): void {
    const queued = !this.#gate?.has(request) && !this.#behind.has(request);
    if (queued) this.queue.remove(request);
    request.level = level;
    if (queued) this.queue.push(request);
  }

  /** Whether a request that came back waits for a descriptor instead of being delivered. */
  keeps(request: Request, result: number): boolean {
    return this.#gate?.keeps(request, result) ?? false;
  }

  /** One that waits for a descriptor has let go of its slot. */
  kept(): void {
    this.#gate?.kept();
  }

  #enqueue(request: Request): void {
    this.queue.push(request);
    this.#host.queued();
  }
}
