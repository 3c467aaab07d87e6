// One door: how requests of libeio's form get to an engine and their ends to their callers. It knows no
// request by name; which instance is behind it may change (see control.ts).
import { AsyncResource } from "node:async_hooks";
import type { Engine } from "../../engine/engine.ts";
import { UNREPORTED } from "../../engine/polling.ts";
import { ops } from "../../ops/table.ts";
import { systemError } from "../../request/errors.ts";
import {
  ECANCELED,
  PRIORITY_MAX,
  PRIORITY_MIN,
  Request,
} from "../../request/request.ts";
import { decodeNone } from "../../request/results.ts";
import { applyTerms, endsCall, type RequestWithTerms } from "../terms.ts";
import { finish, takeEnd } from "./completion.ts";
import { EioGroup } from "./group.ts";
import {
  numberOf,
  type Doorway,
  type EioRequest,
  type End,
  type Tail,
} from "./request.ts";

/** What a request of several hops consists of; returns the request's result, or -errno. */
export type Steps = Generator<Request, number, Request>;

/** Of one hop. Kept by the request: a closure for each would live as long, with all that it refers to. */
function settleHop(request: Request): number {
  const req = request.scope as EioRequest;
  takeEnd(req, request);
  (request.result >= 0 ? req.end : req.failed)?.(req, request);
  return finish(req);
}

export class Door implements Doorway {
  age = 0;
  /** Whether callbacks are called by the caller's own poll(). */
  manual = false;
  /** Whether what a callback throws goes through poll() to who called it; else it is an uncaught exception. */
  throws = false;
  /** Requests and groups of this door that are still under way. */
  outstanding = 0;
  readonly #engine: () => Engine;
  #nextPri = 0;
  #waiting: (() => void)[] = [];

  constructor(engine: () => Engine) {
    this.#engine = engine;
  }

  get engine(): Engine {
    return this.#engine();
  }

  /** The priority of the next request that gives none; it is 0 again after that. */
  readonly takePri = (): number => {
    const pri = this.#nextPri;
    this.#nextPri = 0;
    return pri;
  };
  get nextPri(): number {
    return this.#nextPri;
  }
  set nextPri(pri: number) {
    this.#nextPri = pri;
  }

  /** Until something is there to poll, or (where the loop polls) was delivered. */
  nextDone(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever waits looks again at each end: a group may end behind the callback of its last member. */
  left(): void {
    this.outstanding--;
    if (this.#waiting.length !== 0) this.notifyWaiting();
  }

  notifyWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const notify of waiting) notify();
  }

  /** Requests of before are nobody's any more. */
  beginAnew(): void {
    this.age++;
    this.outstanding = 0;
    this.notifyWaiting();
  }

  /** One hop. With an errno (below 0) it ends so, without having begun. */
  send(
    req: EioRequest,
    request: Request,
    tail: Tail,
    errno: number,
    end: End | null,
    failed: End | null = null,
  ): void {
    request.scope = req;
    req.end = end;
    req.failed = failed;
    request.settle = settleHop;
    this.#submit(req, request, tail, errno);
    this.#enter(req);
  }

  /** Several hops, one after the other: one request for its caller. */
  run(req: EioRequest, tail: Tail, steps: Steps | number): void {
    if (typeof steps === "number") return this.#none(req, tail, steps);
    let broken = false;
    const advance = (settled: Request): unknown => {
      const breaks = req.cancelled && !broken;
      if (breaks) broken = true;
      const next = breaks ? steps.return(ECANCELED) : steps.next(settled);
      if (!next.done) {
        this.#hop(req, next.value, tail, advance, 0);
        return UNREPORTED;
      }
      return this.#concluded(req, broken ? ECANCELED : next.value, settled);
    };
    const first = steps.next(undefined as never);
    if (first.done) return this.#none(req, tail, first.value);
    this.#hop(req, first.value, tail, advance, 0);
    this.#enter(req);
  }

  /** There was nothing to do: the result is known. */
  #none(req: EioRequest, tail: Tail, result: number): void {
    const none = new Request(ops.nop.code, decodeNone, () => 0);
    const conclude = (): unknown => this.#concluded(req, result, none);
    this.#hop(req, none, tail, conclude, Math.min(result, 0));
    this.#enter(req);
  }

  #hop(
    req: EioRequest,
    request: Request,
    tail: Tail,
    settle: (settled: Request) => unknown,
    errno: number,
  ): void {
    request.settle = settle;
    this.#submit(req, request, tail, errno);
  }

  #concluded(req: EioRequest, result: number, last: Request): number {
    req.result = result < 0 ? -1 : result;
    if (result < 0) {
      req.errorno = numberOf(result);
      const { path } = last;
      req.makeError = () => systemError(result, req.type, path);
      if (last.result === result) takeEnd(req, last);
    }
    return this.#finish(req);
  }

  /** Ends well when something else has happened. */
  after(
    req: EioRequest,
    request: Request,
    tail: Tail,
    event: Promise<void>,
  ): void {
    const { engine } = this;
    request.level = tail.pri - PRIORITY_MIN;
    request.calls = true;
    request.settle = () => this.#finish(req);
    this.#enter(req);
    const end = (): void => engine.end(request, 0);
    event.then(end, end);
  }

  /** A group: done when it is polled and empty. */
  group(type: string, tail: Tail): EioGroup {
    const grp = new EioGroup(this, type, tail);
    this.endGroup(grp);
    this.#enter(grp);
    return grp;
  }

  /** Polled, it ends if it is empty. */
  readonly endGroup = (grp: EioGroup): void => {
    const request = new Request(ops.nop.code, decodeNone, () =>
      grp.polled() ? this.#finish(grp) : UNREPORTED,
    );
    request.level = PRIORITY_MAX - PRIORITY_MIN;
    request.calls = true;
    this.engine.end(request, 0);
  };

  /** What is yet to begin will not; what runs goes on. Each is delivered in its time. */
  readonly cancel = (req: EioRequest): void => {
    if (req.finished) return;
    req.cancelled = true;
    if (req instanceof EioGroup) req.cancelMembers();
    else if (req.inner !== null) this.engine.cancelSoftly(req.inner);
  };

  #submit(req: EioRequest, request: Request, tail: Tail, errno: number): void {
    request.level = tail.pri - PRIORITY_MIN;
    request.calls = true;
    req.inner = request;
    if (errno < 0) return this.engine.end(request, errno);
    // What was opened is closed, whatever ended the rest.
    const closes = request.op === ops.close.code;
    const { terms } = tail;
    let termed: RequestWithTerms;
    try {
      termed = applyTerms(request, closes ? terms.withoutEnd : terms);
    } catch (error) {
      if (!endsCall(error)) throw error;
      const { errno: over = ECANCELED } = error as NodeJS.ErrnoException;
      return this.engine.end(request, over);
    }
    this.engine.submit(termed);
  }

  #enter(req: EioRequest): void {
    this.outstanding++;
    if (req.finish !== null) req.scope = new AsyncResource("EIOREQUEST");
  }

  #finish(req: EioRequest): number {
    return finish(req);
  }
}
