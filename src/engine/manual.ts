// Manual mode: the caller polls, and until then nothing is told. What happens by itself is that the edges
// of the results are announced; it does not know what results are of.
//
//   quiet --something is done: wantPoll--> announced --the last is taken: donePoll--> quiet
//
// While announced nobody has to be woken, so the backend is armed while quiet only.
import { misuseError } from "../util/errors.ts";
import { poll, type PollHost } from "./poll.ts";
import type { Turns, Waking } from "./turns.ts";

export interface ManualHost extends Waking, Omit<PollHost, "drained"> {
  /** Hands on what waits, if there is room now. */
  forward(): void;
}

export interface Edges {
  wantPoll: (() => void) | null;
  donePoll: (() => void) | null;
}

export class Manual implements Turns {
  readonly #host: ManualHost;
  readonly #edges: Edges;
  readonly #keepAlive: NodeJS.Timeout;
  readonly #poll: PollHost;
  readonly #again = (): void => this.#lookAgain();
  #armed = false;
  #held = false;
  #announced = false;
  #scheduled = false;
  /** Polls within polls, and looks: who is inside sees to the rest at the end. */
  #depth = 0;
  /** An edge is being told. */
  #telling = false;

  constructor(host: ManualHost, edges: Edges) {
    this.#host = host;
    this.#edges = edges;
    this.#poll = {
      results: host.results,
      collect: () => host.collect(),
      drained: () => this.#drained(),
    };
    this.#keepAlive = setInterval(() => {}, 0x7fffffff).unref();
  }

  /** Throws inside wantPoll and donePoll. */
  enter(): void {
    if (this.#telling) throw misuseError("ERR_EIO_REENTRANT");
  }

  poll(reqsMax: number, timeMs: number): number {
    this.#begin();
    try {
      this.#host.collect();
      if (this.#host.results.length !== 0) this.#announce();
      return poll(this.#poll, reqsMax, timeMs);
    } finally {
      this.#end();
    }
  }

  start(): void {
    if (this.#depth === 0) this.#rest();
  }

  wake(): void {
    if (this.#depth !== 0) return;
    this.#begin();
    this.#host.collect();
    this.#end();
  }

  look(): void {
    if (this.#depth === 0) this.#announce();
  }

  update(): void {
    if (this.#armed) this.#hold();
  }

  hold(): void {
    this.#keepAlive.ref();
  }

  stop(): void {
    clearInterval(this.#keepAlive);
  }

  #begin(): void {
    if (this.#depth++ !== 0 || !this.#armed) return;
    this.#armed = false;
    this.#host.disarm();
  }

  #end(): void {
    if (this.#depth === 1) this.#host.forward();
    if (--this.#depth === 0) this.#rest();
  }

  /** Nothing is left to do but to wait, for the caller or for the backend. */
  #rest(): void {
    if (this.#armed || this.#scheduled) return this.#hold();
    if (this.#announced) return this.#hold();
    if (this.#host.results.length === 0 && this.#host.busy()) {
      this.#armed = this.#host.arm();
      if (!this.#armed) this.#host.collect();
    }
    if (this.#host.results.length !== 0) this.#announce();
    else if (!this.#armed && this.#host.busy()) this.#schedule();
    this.#hold();
  }

  /** The backend has something that is no result: it is to be looked after, but not in a circle. */
  #schedule(): void {
    this.#scheduled = true;
    setImmediate(this.#again);
  }

  #lookAgain(): void {
    this.#scheduled = false;
    this.wake();
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#tell(this.#edges.wantPoll);
  }

  #drained(): void {
    if (!this.#announced) return;
    this.#announced = false;
    this.#tell(this.#edges.donePoll);
  }

  /** What it throws is an uncaught exception: neither the call nor the completion is to blame. */
  #tell(edge: (() => void) | null): void {
    if (edge === null) return;
    this.#telling = true;
    try {
      edge();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    } finally {
      this.#telling = false;
    }
  }

  /** Keeps the process alive while somebody waits for what nobody was told of yet. */
  #hold(): void {
    const hold = this.#armed && this.#host.wanted();
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#keepAlive.ref();
    else this.#keepAlive.unref();
  }
}
