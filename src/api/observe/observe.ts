// Who observes an instance's requests: subscribers of the diagnostics channels, and the log of slow
// operations. While nobody does, a request costs a look at three flags.
//
//   node-eio:request:submitted -> node-eio:request:started -> node-eio:request:settled
import { channel } from "node:diagnostics_channel";
import { getSystemErrorMap } from "node:util";
import type { Engine } from "../../engine/engine.ts";
import type { Observer } from "../../engine/metrics.ts";
import type { Request } from "../../request/request.ts";
import { callSite, keepStack } from "./call-site.ts";
import type { SlowOperation, SlowOptions } from "./slow.ts";
import { describe, fillIn, type RequestEvent } from "./describe.ts";

export const submitted = channel("node-eio:request:submitted");
export const started = channel("node-eio:request:started");
export const settled = channel("node-eio:request:settled");

const codeOf = (errno: number): string | undefined =>
  getSystemErrorMap().get(errno)?.[0];

export class Observing implements Observer {
  readonly #engine: Engine;
  readonly #slow: SlowOptions | null;
  readonly #reportSlow: (operation: SlowOperation) => void;
  readonly #events = new WeakMap<Request, RequestEvent>();
  readonly #own = new WeakSet<object>();
  readonly #stacks = new WeakMap<Request, { stack?: string }>();

  constructor(
    engine: Engine,
    slow: SlowOptions | null,
    reportSlow: (operation: SlowOperation) => void,
  ) {
    this.#engine = engine;
    this.#slow = slow;
    this.#reportSlow = reportSlow;
  }

  get wanted(): boolean {
    return (
      this.#slow !== null ||
      submitted.hasSubscribers ||
      started.hasSubscribers ||
      settled.hasSubscribers
    );
  }

  submitted(request: Request): void {
    if (this.#slow !== null && this.#slow.stack !== false)
      this.#stacks.set(request, keepStack(this.submitted));
    if (submitted.hasSubscribers) submitted.publish(this.#eventOf(request));
  }

  started(request: Request): void {
    if (started.hasSubscribers) started.publish(this.#eventOf(request));
  }

  settled(request: Request): void {
    const { sample } = request;
    const slow = this.#slow;
    const tookMs = sample!.settledMs - sample!.submittedMs;
    const isSlow = slow !== null && tookMs >= slow.afterMs;
    if (!isSlow && !settled.hasSubscribers) return;
    const event = this.#eventOf(request);
    fillIn(event, request, codeOf);
    if (settled.hasSubscribers) settled.publish(event);
    if (!isSlow) return;
    const stack = this.#stacks.get(request)?.stack;
    const at = stack === undefined ? {} : { stack: callSite(stack) };
    const operation = { ...event, tookMs, ...at };
    this.#own.add(operation);
    this.#reportSlow(operation);
  }

  owns(event: object): boolean {
    return this.#own.has(event);
  }

  #eventOf(request: Request): RequestEvent {
    let event = this.#events.get(request);
    if (event === undefined) {
      event = describe(this.#engine, request);
      this.#events.set(request, event);
      this.#own.add(event);
    }
    return event;
  }
}
