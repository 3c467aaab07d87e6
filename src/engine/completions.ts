// What becomes of a completion: it is told at once where that is its turn, kept with the results
// where another's may come first or where somebody polls, and undone where nobody waits for it.
import type { Completions, MovedValue } from "../backends/backend.ts";
import { opByCode, ops, type OpName } from "../ops/table.ts";
import { Special } from "../request/layout.ts";
import { ECANCELED, NO_SLOT, Phase, Request } from "../request/request.ts";
import { decodeNone } from "../request/results.ts";
import type { Budget } from "./budget.ts";
import type { InFlight } from "./in-flight.ts";
import type { Results } from "./results.ts";
import { mayGoOn } from "./ticks.ts";
import type { Scheduler } from "./scheduler.ts";

/** Of requests of ours that nobody asked for: nobody polls for them either. */
export const unheard = (): void => {};

export interface Home {
  /** Takes a request of our own. */
  undo(request: Request): void;
  /** One less is to be waited for. */
  arrived(): void;
  /** True when it waits (for a descriptor) instead of being told. */
  keeps(request: Request, result: number): boolean;
  /** One that is kept has let go of its slot. */
  kept(): void;
}

export class CompletionReader implements Completions {
  readonly #flight: InFlight;
  readonly #results: Results;
  readonly #budget: Budget;
  readonly #home: Home;
  /** Polls under way, and 1 in manual mode: what completes is kept for them. */
  keeping = 0;
  /** Where there are lanes: what completes makes room in its own. */
  scheduler: Scheduler | null = null;
  /** Somebody wants to know when the last has arrived. */
  awaited = false;

  constructor(flight: InFlight, results: Results, budget: Budget, home: Home) {
    this.#flight = flight;
    this.#results = results;
    this.#budget = budget;
    this.#home = home;
  }

  complete(slot: number, result: number, moved?: MovedValue): boolean {
    const request = this.#flight.at(slot);
    if (request === null) return true;
    const left = request.slot !== slot;
    // One that is done and not told keeps its slot: a worker that dies then has not lost it.
    if (!left && request.phase === Phase.done) return true;
    if (this.scheduler !== null) {
      this.scheduler.done(request, result);
      this.#flight.roomMade = true;
    }
    if (left) this.letGo(request, slot, result);
    else if (!this.#arrive(request, result, moved)) return true;
    if (this.awaited) this.#home.arrived();
    return this.#budget.mayTellMore() && mayGoOn();
  }

  /** False: it is kept, to be told later. */
  #arrive(request: Request, result: number, moved?: MovedValue): boolean {
    if (request.phase === Phase.givenUp) {
      this.#part(request);
      request.result = ECANCELED;
    } else if (this.#home.keeps(request, result)) {
      this.#part(request);
      request.phase = Phase.waiting;
      this.#home.kept();
      return false;
    } else {
      if (request.sample !== null)
        this.#flight.metrics.come(request, request.slot);
      request.result = result;
      if (moved !== undefined) this.#take(request, moved);
    }
    if (this.#isNext()) {
      this.#results.tell(request);
      return true;
    }
    this.#results.push(request, request.result);
    return false;
  }

  /** What lies in its slot is not read. */
  #part(request: Request): void {
    this.#flight.release(request.slot);
    request.slot = NO_SLOT;
  }

  /** Nobody waits for it: an opened descriptor is closed, never leaked. Its slot may be others' already. */
  letGo(request: Request, slot: number, result: number): void {
    if (slot >= 0) {
      this.#flight.release(slot);
      request.owner?.drop();
    }
    const undo = result < 0 ? undefined : opByCode[request.op]?.undo;
    if (undo === undefined) return;
    const { code } = ops[undo as OpName];
    const undoing = new Request(code, decodeNone, unheard);
    undoing.fd = result;
    undoing.lane = request.lane;
    undoing.phase = Phase.waiting;
    this.#home.undo(undoing);
  }

  /** Nothing that is done, or may be, has a higher priority. */
  #isNext(): boolean {
    return (
      this.keeping === 0 &&
      this.#results.length === 0 &&
      !this.#flight.levels.mixed
    );
  }

  /** The value came beside the slot, which is not needed any more. */
  #take(request: Request, moved: MovedValue): void {
    this.#part(request);
    request.value = moved.value;
    if (moved.error !== undefined) request.reason = moved.error;
    if (moved.fault === undefined) return;
    request.fault = moved.fault;
    if (request.result === Special.fault)
      request.result = moved.fault.errno ?? request.result;
  }
}
