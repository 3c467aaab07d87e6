// The watch of the portable pool: looks at a backlog that stays, and says when one more worker is worth it. The clock is
// handed in; it knows figures, and not how a worker is woken or started.
import { WORTH_WAKING_US } from "./thread-controller.ts";

/** How often a backlog is looked at: a thread that hangs for less is not worth another one. */
const LOOK_MS = 1;
/** With the processors idle a sleeper is woken at the first look, a thread started at the third in a row: it costs 30 ms and more. */
const LOOKS_TO_START = 3;
/** However busy the processors are: a backlog that does not move for so many looks is behind hung calls. */
const LOOKS_AT_MOST = 50;
/** The share of the processors from which on they count as busy: a further thread would take turns with the others. */
const BUSY = 0.7;
/** Of 1,000 requests that take long, so many that sleep: the device is what they wait for. */
const MOSTLY = 500;

export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Milliseconds of processor time that the process has used, on all processors. */
  cpuMs(): number;
  /** Calls once, after so long, and does not keep the process alive for it; returns how to prevent it. */
  after(ms: number, call: () => void): () => void;
  processors(): number;
}

export interface Watched {
  backlog(): number;
  /** A count that changes whenever something is taken. */
  taken(): number;
  /** How long a request takes, lately; and of 1,000 that take long, how many sleep meanwhile. */
  serviceUs(): number;
  sleepingOf1000(): number;
  /** Somebody who was started does not work yet. */
  booting(): boolean;
  /** One more sleeper is woken or, where it may, one more thread started. */
  addOne(mayStart: boolean): void;
}

interface Figures {
  atMs: number;
  cpuMs: number;
  taken: number;
}

export class BacklogWatch {
  readonly #clock: Clock;
  readonly #watched: Watched;
  #stop: (() => void) | undefined;
  /** Looks in a row at which the processors idled, and at which nothing had moved. */
  #idleLooks = 0;
  #stillLooks = 0;

  constructor(clock: Clock, watched: Watched) {
    this.#clock = clock;
    this.#watched = watched;
  }

  /** From now on, until a look finds nothing queued. */
  start(): void {
    if (this.#stop !== undefined) return;
    const before = this.#figures();
    this.#stop = this.#clock.after(LOOK_MS, () => {
      this.#stop = undefined;
      if (this.#watched.backlog() === 0) {
        this.#idleLooks = this.#stillLooks = 0;
        return;
      }
      this.#look(before);
      this.start();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #figures(): Figures {
    return {
      atMs: this.#clock.nowMs(),
      cpuMs: this.#clock.cpuMs(),
      taken: this.#watched.taken(),
    };
  }

  /**
   * While a backlog stands still, or is of requests that wait for a device, and the processors idle, one more worker
   * every so often. Where the processors are busy, be it with other work of the process, only for hung calls.
   */
  #look(before: Figures): void {
    const now = this.#figures();
    const still = now.taken === before.taken;
    const idle =
      (still || this.#waitsForDevices()) &&
      now.cpuMs - before.cpuMs <
        (now.atMs - before.atMs) * this.#clock.processors() * BUSY;
    // A worker that is starting could not take anything yet.
    const booting = this.#watched.booting();
    this.#idleLooks = idle && !booting ? this.#idleLooks + 1 : 0;
    this.#stillLooks = still ? this.#stillLooks + 1 : 0;
    const hung = this.#stillLooks > 0 && this.#stillLooks % LOOKS_AT_MOST === 0;
    if (!idle && !hung) return;
    const mayStart = hung || this.#idleLooks >= LOOKS_TO_START;
    this.#watched.addOne(mayStart && !booting);
  }

  /** Requests wait for a device rather than for a processor. */
  #waitsForDevices(): boolean {
    return (
      this.#watched.serviceUs() >= WORTH_WAKING_US &&
      this.#watched.sleepingOf1000() >= MOSTLY
    );
  }
}
