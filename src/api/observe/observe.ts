// Who observes an instance's requests: subscribers of the diagnostics channels, and those who want to hear of slow
// operations. While nobody does, a request costs a look at four flags.
//
//   node-eio:request:submitted -> node-eio:request:started -> node-eio:request:settled
import { channel } from "node:diagnostics_channel";
import { getSystemErrorMap } from "node:util";
import type { Engine } from "../../engine/engine.ts";
import type { Observer } from "../../engine/metrics.ts";
import type { Request } from "../../request/request.ts";
import { describe, fillIn, type RequestEvent } from "./describe.ts";
import { SlowWatches, type SlowOperation } from "./slow.ts";

export const submitted = channel("node-eio:request:submitted");
export const started = channel("node-eio:request:started");
export const settled = channel("node-eio:request:settled");

const codeOf = (errno: number): string | undefined =>
  getSystemErrorMap().get(errno)?.[0];

export class Observing implements Observer {
  readonly #engine: Engine;
  readonly slow = new SlowWatches();
  readonly #events = new WeakMap<Request, RequestEvent>();
  readonly #own = new WeakSet<object>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get wanted(): boolean {
    return this.slow.some || this.wantsAll;
  }

  get wantsAll(): boolean {
    return (
      submitted.hasSubscribers ||
      started.hasSubscribers ||
      settled.hasSubscribers
    );
  }

  submitted(request: Request): void {
    if (this.slow.some) request.sample!.kept = this.slow.keep(this.submitted);
    if (submitted.hasSubscribers) submitted.publish(this.#eventOf(request));
  }

  started(request: Request): void {
    if (started.hasSubscribers) started.publish(this.#eventOf(request));
  }

  settled(request: Request): void {
    const { kept, settledMs, submittedMs } = request.sample!;
    if (settled.hasSubscribers) settled.publish(this.#filledIn(request));
    if (kept === null) return;
    const tookMs = settledMs - submittedMs;
    this.slow.report(kept, tookMs, () => {
      const operation: SlowOperation = { ...this.#filledIn(request), tookMs };
      this.#own.add(operation);
      return operation;
    });
  }

  owns(event: object): boolean {
    return this.#own.has(event);
  }

  #filledIn(request: Request): RequestEvent {
    const event = this.#eventOf(request);
    fillIn(event, request, codeOf);
    return event;
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
