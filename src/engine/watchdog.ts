// Looks now and then for requests that run for too long. It costs nothing per request: a look is a
// walk over the slots, and there is one only while something is in flight. It knows slots and ages,
// not what is done about an old one.
import { SLOT_WORDS, Slot, State } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import type { Request } from "../request/request.ts";
import type { InFlight } from "./in-flight.ts";
import { clearTimeout, clockMs, setTimeout } from "../util/node-timers.ts";

/** Looks per time after which a request counts as stuck. */
const LOOKS = 5;
const LOOK_MIN_MS = 10;
const LOOK_MAX_MS = 1000;
/** Whoever runs for so long holds its worker: see Lane.hung. */
const HUNG_MS = 1000;

export interface Running {
  request: Request;
  slot: number;
  /** It runs for at least so long. */
  ageMs: number;
}

export class Watchdog {
  readonly #memory: Memory;
  readonly #flight: InFlight;
  readonly #stuckAfterMs: number;
  readonly #lookMs: number;
  /** By slot: the generation that was seen running, and since when. */
  readonly #seen: Int32Array;
  readonly #ageMs: Float64Array;
  readonly #reported: Uint8Array;
  #timer: NodeJS.Timeout | undefined;
  #lookedMs = 0;
  /** Called with each request that is stuck, once. */
  stuck: (running: Running) => void = () => {};
  /** Called after each look with those that hang by now and hold a worker. */
  looked: (hung: Request[]) => void = () => {};

  constructor(memory: Memory, flight: InFlight, stuckAfterMs: number) {
    const { slots } = memory.sizes;
    this.#memory = memory;
    this.#flight = flight;
    this.#stuckAfterMs = stuckAfterMs;
    this.#lookMs = Math.min(
      LOOK_MAX_MS,
      Math.max(LOOK_MIN_MS, Math.ceil(stuckAfterMs / LOOKS)),
    );
    this.#seen = new Int32Array(slots).fill(-1);
    this.#ageMs = new Float64Array(slots);
    this.#reported = new Uint8Array(slots);
  }

  /** Something is in flight. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#lookedMs = clockMs();
    this.#again();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What is stuck now. */
  list(): Running[] {
    const list: Running[] = [];
    this.#each((running) => {
      if (running.ageMs >= this.#stuckAfterMs) list.push(running);
    });
    return list;
  }

  #again(): void {
    this.#timer = setTimeout(this.#look, this.#lookMs).unref();
  }

  readonly #look = (): void => {
    const nowMs = clockMs();
    // While the loop was held up no end could be delivered.
    const pastMs = Math.min(nowMs - this.#lookedMs, 2 * this.#lookMs);
    this.#lookedMs = nowMs;
    this.#timer = undefined;
    if (this.#age(pastMs)) this.#again();
    const hung: Request[] = [];
    const stuck: Running[] = [];
    this.#each((running) => {
      const { slot, ageMs, request } = running;
      if (ageMs >= HUNG_MS && this.#state(slot) >= State.running)
        hung.push(request);
      if (ageMs < this.#stuckAfterMs || this.#reported[slot] !== 0) return;
      this.#reported[slot] = 1;
      stuck.push(running);
    });
    this.looked(hung);
    for (const running of stuck) this.stuck(running);
  };

  /** False: nothing is in flight. What waits for a worker does not age. */
  #age(pastMs: number): boolean {
    const { words, sizes } = this.#memory;
    let some = false;
    for (let slot = 0; slot < sizes.slots; slot++) {
      if (this.#flight.notDone(slot) === null) continue;
      some = true;
      const generation = words[slot * SLOT_WORDS + Slot.generation]!;
      if (this.#runs(slot) && generation === this.#seen[slot])
        this.#ageMs[slot]! += pastMs;
      else {
        this.#seen[slot] = this.#runs(slot) ? generation : -1;
        this.#ageMs[slot] = 0;
        this.#reported[slot] = 0;
      }
    }
    return some;
  }

  #runs(slot: number): boolean {
    return this.#state(slot) >= State.native;
  }

  #state(slot: number): number {
    const { words } = this.#memory;
    return Atomics.load(words, slot * SLOT_WORDS + Slot.state);
  }

  #each(visit: (running: Running) => void): void {
    const { words, sizes } = this.#memory;
    for (let slot = 0; slot < sizes.slots; slot++) {
      const request = this.#flight.notDone(slot);
      const generation = words[slot * SLOT_WORDS + Slot.generation];
      if (request === null || generation !== this.#seen[slot]) continue;
      visit({ request, slot, ageMs: this.#ageMs[slot]! });
    }
  }
}
