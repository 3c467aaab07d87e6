// Requests that ask the same and have not begun are run once: a listing that starts after both
// calls is right for both. It knows when two are the same, not what they ask.
//
//   submit(b), the same as a:   a waits for a worker -> b takes a's answer
//                               a already runs       -> b runs by itself: what happened in
//                                                       between might be missing from a's
import type { Engine } from "../../engine/engine.ts";
import { SLOT_WORDS, Slot, State } from "../../request/layout.ts";
import { PRIORITY_MIN, Phase, type Request } from "../../request/request.ts";
import type { Submitter } from "../run.ts";

export class Sharing implements Submitter {
  readonly #engine: Engine;
  readonly #first = new Map<string, Request>();
  readonly #others = new Map<Request, Request[]>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  submit(request: Request): void {
    const key = keyOf(request);
    if (key === null) return this.#engine.submit(request);
    const first = this.#first.get(key);
    if (first !== undefined && this.#notBegun(first)) {
      const others = this.#others.get(first);
      if (others === undefined) this.#others.set(first, [request]);
      else others.push(request);
      return;
    }
    const { settle } = request;
    request.settle = () => {
      if (this.#first.get(key) === request) this.#first.delete(key);
      const others = this.#others.get(request);
      const { value } = request;
      request.settle = settle;
      settle(request);
      if (others === undefined) return;
      this.#others.delete(request);
      for (const other of others) answer(other, request, value);
    };
    this.#first.set(key, request);
    this.#engine.submit(request);
  }

  #notBegun({ phase, slot }: Request): boolean {
    if (phase === Phase.waiting) return true;
    const { words } = this.#engine.memory;
    return (
      phase === Phase.inFlight &&
      Atomics.load(words, slot * SLOT_WORDS + Slot.state) === State.queued
    );
  }
}

/** null: not to be shared. What can be cancelled, or has a priority of its own, runs by itself. */
function keyOf({ op, level, path, a, b, ends }: Request): string | null {
  if (ends !== null || level !== -PRIORITY_MIN || typeof path !== "string")
    return null;
  return `${op} ${a} ${b} ${path}`;
}

function answer(other: Request, first: Request, value: unknown): void {
  other.phase = Phase.settled;
  other.result = first.result;
  other.value = value;
  other.fault = first.fault;
  other.reason = first.reason;
  other.settle(other);
}
