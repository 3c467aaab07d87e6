// What waits for a thread of an executor, and what a thread is given: calls, streams and wishes for a session. Each knows when its
// own end comes early (signal, deadline), and not which thread has it.
//
//   new -> waiting -> running -> settled           a signal or deadline: waiting -> settled, never runs;
//                                                  running -> abandoned (settled at once) -> done
import type { Transferable } from "node:worker_threads";
import { watch } from "../../engine/cancel.ts";
import type { Waiting } from "../../engine/queue.ts";
import { AbortError, errnoOf, systemError } from "../../request/errors.ts";
import type { Order, Reply } from "../../request/executor-messages.ts";
import { PRIORITY_MIN } from "../../request/request.ts";
import { misuseError } from "../../util/errors.ts";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";
import type { Terms } from "../terms.ts";
import { received, type Caller } from "./received-error.ts";

export type Phase = "new" | "waiting" | "running" | "settled";

/** Something with a caller who awaits it, and who may stop to. */
export abstract class Work implements Waiting<Work> {
  next: Work | null = null;
  previous: Work | null = null;
  readonly level: number;
  /** Of the function; `session()` for a session. */
  readonly name: string;
  readonly caller: Caller;
  readonly #terms: Terms;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;
  phase: Phase = "new";

  constructor(name: string, terms: Terms, caller: Caller) {
    this.name = name;
    this.#terms = terms;
    this.caller = caller;
    this.level = (terms.priority ?? 0) - PRIORITY_MIN;
  }

  /** Throws if the call was over before it began. */
  throwIfOver(): void {
    this.#terms.throwIfAborted();
    if (this.#terms.timeout === 0) throw this.#timedOut();
  }

  /** From now on `end` is called, once, if the signal fires or the deadline passes. */
  watch(end: (error: Error) => void): void {
    const { signal, timeout, ends } = this.#terms;
    if (!ends) return;
    const over = (error: Error): void => {
      this.unwatch();
      end(this.caller.behind(error));
    };
    if (timeout !== undefined)
      this.#timer = setTimeout(() => over(this.#timedOut()), timeout);
    if (signal !== undefined)
      this.#unwatch = watch(signal, () => over(new AbortError(signal.reason)));
  }

  unwatch(): void {
    clearTimeout(this.#timer);
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #timedOut(): Error {
    return systemError(errnoOf("ETIMEDOUT"), this.name);
  }

  /** It is over, whatever it waits for. */
  abstract fail(error: unknown): void;
}

/** What a job knows of the thread that runs it. */
export interface JobThread {
  send(order: Order): void;
  /** The function's signal says from now on that its call is over; a stream ends. */
  interrupt(): void;
}

/** Work that a thread does. */
export abstract class Job extends Work {
  args: readonly unknown[];
  transfer: readonly Transferable[];
  /** The module, for errors. */
  readonly #module: string;
  /** It was cancelled while it ran: its thread is reset when it is done. */
  abandoned = false;
  failed = false;
  /** While it runs. */
  thread: JobThread | null = null;

  constructor(
    module: string,
    name: string,
    args: readonly unknown[],
    transfer: readonly Transferable[],
    terms: Terms,
    caller: Caller,
  ) {
    super(name, terms, caller);
    this.#module = module;
    this.args = args;
    this.transfer = transfer;
  }

  /** It waits: what the caller does with the arguments from now on is of no consequence. */
  keepArguments(): void {
    const { args, transfer } = this;
    try {
      const kept = structuredClone(
        { args, transfer },
        { transfer: [...transfer] as never },
      );
      this.args = kept.args;
      this.transfer = kept.transfer;
    } catch (error) {
      throw this.#uncloneable(`An argument of ${this.name}()`, error);
    }
  }

  unsendable(error: unknown): Error {
    return this.#uncloneable(`An argument of ${this.name}()`, error);
  }

  /** The caller gave it up: its promise rejects at once. True where a thread is running it and goes on. */
  abandon(error: unknown): boolean {
    if (this.phase === "running") {
      this.abandoned = true;
      this.thread?.interrupt();
    }
    this.fail(error);
    return this.abandoned;
  }

  /** What the thread is sent. */
  abstract get order(): Order;
  /** Takes a reply of its thread; true if that was the last. */
  abstract receive(reply: Reply): boolean;

  /** The error of a reply that is one. */
  protected errorOf(reply: Reply): unknown {
    if (reply.kind === "thrown") return received(reply.thrown, this.caller);
    if (reply.kind === "uncallable")
      return this.caller.behind(
        misuseError("ERR_EIO_CUSTOM", this.#module, this.name, reply.why),
      );
    if (reply.kind === "uncloneable")
      return this.#uncloneable(`The result of ${this.name}()`, {
        message: reply.why,
      });
    return undefined;
  }

  #uncloneable(what: string, error: unknown): Error {
    const { message } = error as Error;
    return this.caller.behind(
      misuseError("ERR_EIO_UNCLONEABLE", what, message),
    );
  }
}

/** A call: one result. */
export class Call extends Job {
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  constructor(...given: ConstructorParameters<typeof Job>) {
    super(...given);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get order(): Order {
    return { kind: "call", name: this.name, args: this.args };
  }

  receive(reply: Reply): boolean {
    if (reply.kind === "value") {
      this.#settle();
      this.#resolve(reply.value);
    } else this.fail(this.errorOf(reply));
    return true;
  }

  fail(error: unknown): void {
    if (this.phase === "settled") return;
    this.failed = true;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.phase = "settled";
    this.unwatch();
  }
}
