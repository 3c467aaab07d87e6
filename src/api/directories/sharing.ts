// Requests for the same that are yet to begin are run once: a listing that starts after both
// calls is right for both. It knows when two are the same, not what they are for.
//
//   submit(b), the same as a:   a waits for a worker -> b takes a's result
//                               a already runs       -> b runs by itself: what happened in
//                                                       between might be missing from a's
import { settle as settleNext } from "../../engine/polling.ts";
import { SLOT_WORDS, Slot, State } from "../../request/layout.ts";
import { PRIORITY_MIN, Phase, type Request } from "../../request/request.ts";
import { ScopedSubmitter, type Submitter } from "../submitter.ts";
import { NO_TERMS, scopeTerms, type RequestWithTerms } from "../terms.ts";

/** A power of two. Where two requests fall on one place, the earlier is not shared any more. */
const PLACES = 256;

interface Shared {
  request: Request;
  others: Request[];
}

export class Sharing extends ScopedSubmitter {
  readonly #places = new Array<Shared | null>(PLACES).fill(null);

  constructor(behind: Submitter) {
    const { shares = true, [scopeTerms]: terms = NO_TERMS } = behind;
    super(behind, { terms, shares });
  }

  override submit(request: RequestWithTerms): void {
    if (!this.shares || !mayShare(request)) return super.submit(request);
    const place = placeOf(request.path as string);
    const found = this.#places[place];
    if (found && isSame(found.request, request) && this.#waits(found.request))
      return void found.others.push(request);
    const shared: Shared = { request, others: [] };
    this.#places[place] = shared;
    const { settle } = request;
    request.settle = () => {
      if (this.#places[place] === shared) this.#places[place] = null;
      const { value } = request;
      settle(request);
      // V8 keeps a request with a closure of its own until a full collection; it is not to keep the
      // result too: with it, collecting took as much time again as listing.
      request.settle = settle;
      request.resolve = null;
      request.value = undefined;
      for (const other of shared.others) resolveLike(other, request, value);
    };
    super.submit(request);
  }

  /** Whether no worker has begun it. */
  #waits({ phase, slot }: Request): boolean {
    if (phase === Phase.waiting) return true;
    const { words } = this.memory;
    return (
      phase === Phase.inFlight &&
      Atomics.load(words, slot * SLOT_WORDS + Slot.state) === State.queued
    );
  }
}

/** What can be cancelled, or has a priority or a lane of its own, runs by itself. */
const mayShare = ({ ends, level, laneName, path }: Request): boolean =>
  ends === null &&
  level === -PRIORITY_MIN &&
  laneName === null &&
  typeof path === "string";

const isSame = (a: Request, b: Request): boolean =>
  a.op === b.op &&
  a.path === b.path &&
  a.wd === b.wd &&
  a.a === b.a &&
  a.b === b.b;

/** Folders differ most in how they end. */
function placeOf(path: string): number {
  let hash = path.length;
  for (let i = path.length - 1, end = Math.max(0, i - 8); i >= end; i--)
    hash = (Math.imul(hash, 31) + path.charCodeAt(i)) | 0;
  return hash & (PLACES - 1);
}

function resolveLike(other: Request, first: Request, value: unknown): void {
  other.phase = Phase.settled;
  other.result = first.result;
  other.value = value;
  other.fault = first.fault;
  other.reason = first.reason;
  settleNext(other);
}
