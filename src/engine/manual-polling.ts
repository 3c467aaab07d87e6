// Manual mode: the caller polls, and until then nothing is delivered. What happens by itself is that the edges
// of the results are announced; it does not know what results are of.
//
//   quiet --something is done: wantPoll--> announced --the last is taken: donePoll--> quiet
//
// While announced nobody has to be woken for what is done, so the backend is armed while quiet; and while
// requests wait for room, which only completions make: that may be long before the caller polls.
import type { PollFd } from "../backends/native.ts";
import { misuseError } from "../util/errors.ts";
import {
  clearInterval,
  nextTick,
  setImmediate,
  setInterval,
} from "../util/node-timers.ts";
import { poll, type PollHost, type Turns, type Waking } from "./polling.ts";

export interface ManualHost extends Waking, Omit<PollHost, "drained"> {
  /** Hands on what waits, if there is room now. */
  forward(): void;
  /** Some are not begun for want of room: what completes makes it. */
  starved(): boolean;
  /** Done but not delivered, collected or not. */
  readonly npending: number;
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
  /** It is being closed. */
  #holdsOn = false;
  #announced = false;
  #scheduled = false;
  /** Polls within polls, and looks: who is inside sees to the rest at the end. */
  #depth = 0;
  /** An edge is being announced. */
  #announcing = false;
  /** Readable while there is something to poll, for other loops than Node's; null until it is requested. */
  #fd: PollFd | null = null;
  #fdMayBeReadable = false;

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
    if (this.#announcing) throw misuseError("ERR_EIO_REENTRANT");
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

  /** Opened when it is first requested: from then on the edges are on a descriptor, too. */
  pollFd(open: () => PollFd): number {
    if (this.#fd !== null) return this.#fd.fd;
    this.#fd = open();
    if (this.#announced) this.#signal();
    // What came while nobody wrote to it is looked for once.
    else this.wake();
    return this.#fd.fd;
  }

  /** The loop may be parked, so what is submitted is not left for its next turn. */
  get eager(): boolean {
    return this.#fd !== null && this.#depth === 0;
  }

  /** What was handed over may be done already, by this thread: nobody rings for that. */
  start(): void {
    if (this.#depth !== 0) return;
    if (this.#announced && (this.#armed || !this.#host.starved())) return;
    if (this.#armed && this.#host.npending === 0) this.#hold();
    else this.wake();
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
    this.#holdsOn = true;
    this.#hold();
  }

  stop(): void {
    clearInterval(this.#keepAlive);
    this.#fd?.close();
    this.#fd = null;
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
    if (this.#armed) return this.#hold();
    if (this.#announced) return this.#restAnnounced();
    this.#quiet();
    if (this.#host.results.length === 0 && this.#host.busy()) {
      this.#armed = this.#host.arm();
      this.#fdMayBeReadable = true;
      if (!this.#armed) {
        this.#host.collect();
        // What came may have been the last that those who wait for room were waiting for.
        this.#host.forward();
      }
    }
    if (this.#host.results.length !== 0) {
      this.#announce();
      return this.#restAnnounced();
    }
    if (!this.#armed && this.#host.busy()) this.#schedule();
    this.#hold();
  }

  /** The caller may be long in polling: those who wait for room are not left to wait for that. */
  #restAnnounced(): void {
    if (!this.#armed && this.#host.starved() && this.#host.busy()) {
      this.#armed = this.#host.arm();
      if (!this.#armed) this.#schedule();
    }
    this.#hold();
  }

  /** The backend has something that is no result: it is to be looked after, but not in a circle. */
  #schedule(): void {
    this.#signal();
    if (this.#scheduled) return;
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
    this.#signal();
    this.#callEdge(this.#edges.wantPoll);
  }

  #drained(): void {
    if (!this.#announced) return;
    this.#announced = false;
    this.#callEdge(this.#edges.donePoll);
  }

  #signal(): void {
    this.#fdMayBeReadable = true;
    this.#fd?.signal();
  }

  /** Before arming: what makes it readable after that is news. */
  #quiet(): void {
    if (this.#fdMayBeReadable) this.#fd?.empty();
    this.#fdMayBeReadable = false;
  }

  /** What it throws is an uncaught exception: neither the call nor the completion is to blame. */
  #callEdge(edge: (() => void) | null): void {
    if (edge === null) return;
    this.#announcing = true;
    try {
      edge();
    } catch (error) {
      nextTick(() => {
        throw error;
      });
    } finally {
      this.#announcing = false;
    }
  }

  /** Keeps the process alive while somebody waits for what is not delivered yet. */
  #hold(): void {
    const hold = this.#holdsOn || (this.#armed && this.#host.wanted());
    if (hold === this.#held) return;
    this.#held = hold;
    if (hold) this.#keepAlive.ref();
    else this.#keepAlive.unref();
  }
}
