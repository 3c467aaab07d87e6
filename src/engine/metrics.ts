// Counts of all requests, times of some, and those that run for too long. One in SAMPLE_EVERY is timed, all of them
// while somebody observes all; the watchdog looks now and then for what is slow or stuck. It knows numbers of ops and lanes, slots and ages.
//
//   submitted --(wait)--> begun with a backend --(wait for a worker, run)--> came back --> settled
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Backend, RunnerName } from "../backends/backend.ts";
import { SLOT_WORDS, Slot, State } from "../request/layout.ts";
import type { Memory } from "../request/memory.ts";
import { ECANCELED, type Request, type Sample } from "../request/request.ts";
import { clearTimeout, clockMs, setTimeout } from "../util/node-timers.ts";

export const SAMPLE_EVERY = 64;
const OPS = 256;
/** So many wait to be counted: to load what makes histograms takes as long as some thousand requests. */
const UNCOUNTED_MAX = 512;
/** The unit in which workers report how long a timed request ran: tenths of a microsecond. */
const RAN_PER_MS = 10_000;
const NS_PER_MS = 1e6;
/** Histograms hold whole numbers from 1 on. */
const LONGEST_NS = 3600e9;

export interface Observer {
  /** Whether anybody observes now: then every request is reported here. */
  readonly wanted: boolean;
  /** Whether somebody observes all of them, and not the slow ones alone: then the times of all are counted. */
  readonly wantsAll: boolean;
  submitted(request: Request): void;
  /** Handed to a backend. */
  started(request: Request): void;
  settled(request: Request): void;
}

export interface Times {
  op: number;
  lane: number;
  backend: RunnerName;
  wait: RecordableHistogram;
  run: RecordableHistogram;
}

interface Taken {
  op: number;
  lane: number;
  backend: RunnerName;
  waitMs: number;
  runMs: number;
}

/** Called with each request that was timed. */
export type Timed = (
  op: number,
  lane: number,
  backend: RunnerName,
  waitMs: number,
  runMs: number,
) => void;

export class Metrics {
  readonly submitted: Float64Array = new Float64Array(OPS);
  readonly settled: Float64Array = new Float64Array(OPS);
  readonly failed: Float64Array = new Float64Array(OPS);
  readonly cancelled: Float64Array = new Float64Array(OPS);
  readonly #times = new Map<string, Times>();
  readonly #uncounted: Taken[] = [];
  readonly #memory: Memory;
  #backend!: Backend;
  #until = 1;
  observer: Observer | null = null;
  /** Called with those that are timed. */
  readonly listeners = new Set<Timed>();
  /** How many want every request to be timed. */
  timingAll = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  attach(backend: Backend): void {
    this.#backend = backend;
  }

  get sampledEvery(): number {
    return this.#countsAll ? 1 : SAMPLE_EVERY;
  }

  get #countsAll(): boolean {
    return this.timingAll > 0 || this.observer?.wantsAll === true;
  }

  get times(): Iterable<Times> {
    this.#countAll();
    return this.#times.values();
  }

  submit(request: Request): void {
    this.submitted[request.op]!++;
    const observed = this.observer !== null && this.observer.wanted;
    const sampled = --this.#until <= 0;
    if (!observed && !sampled && this.timingAll === 0) return;
    if (sampled) this.#until = SAMPLE_EVERY;
    request.sample = {
      submittedMs: clockMs(),
      begunMs: 0,
      ranMs: -1,
      settledMs: 0,
      backend: null,
      counted: sampled || this.#countsAll,
      observed,
      kept: null,
    };
    if (observed) this.observer!.submitted(request);
  }

  begin(request: Request): void {
    const sample = request.sample!;
    sample.begunMs = clockMs();
    if (sample.observed) this.observer!.started(request);
  }

  /** Its slot still holds the result. */
  come({ sample }: Request, slot: number): void {
    const ran = this.#memory.words[slot * SLOT_WORDS + Slot.ran]!;
    sample!.ranMs = ran > 1 ? ran / RAN_PER_MS : clockMs() - sample!.begunMs;
    sample!.backend = this.#backend.holder?.(slot) ?? this.#backend.name;
  }

  settle(request: Request): void {
    const { op, result, sample } = request;
    this.settled[op]!++;
    if (result === ECANCELED) this.cancelled[op]!++;
    else if (result < 0) this.failed[op]!++;
    if (sample === null) return;
    sample.settledMs = clockMs();
    if (sample.counted && sample.backend !== null)
      this.#record(request, sample);
    if (sample.observed) this.observer!.settled(request);
  }

  #record({ op, lane }: Request, sample: Sample): void {
    const backend = sample.backend as RunnerName;
    const waitMs = waitedMs(sample);
    const runMs = sample.ranMs;
    this.#uncounted.push({ op, lane, backend, waitMs, runMs });
    if (this.#uncounted.length === UNCOUNTED_MAX) this.#countAll();
    for (const listener of this.listeners)
      listener(op, lane, backend, waitMs, runMs);
  }

  #countAll(): void {
    for (const taken of this.#uncounted) this.#count(taken);
    this.#uncounted.length = 0;
  }

  #count({ op, lane, backend, waitMs, runMs }: Taken): void {
    const key = `${op} ${lane} ${backend}`;
    let times = this.#times.get(key);
    if (times === undefined) {
      times = { op, lane, backend, wait: histogram(), run: histogram() };
      this.#times.set(key, times);
    }
    times.wait.record(toNs(waitMs));
    times.run.record(toNs(runMs));
  }
}

/** All but the time that it ran. */
export const waitedMs = ({ submittedMs, settledMs, ranMs }: Sample): number =>
  settledMs - submittedMs - Math.max(0, ranMs);

const toNs = (ms: number): number =>
  Math.min(Math.max(1, Math.round(ms * NS_PER_MS)), LONGEST_NS);

const histogram = (): RecordableHistogram =>
  createHistogram({ lowest: 1, highest: LONGEST_NS, figures: 2 });

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

export interface Flight {
  /** The request of a slot that has not completed, even if nobody waits for it any more. */
  notDone(slot: number): Request | null;
}

/**
 * Looks now and then for requests that run for too long. It costs nothing per request: a look is a walk over the slots, and
 * there is one only while something is in flight. What is done about an old one is not known here.
 */
export class Watchdog {
  readonly #memory: Memory;
  readonly #flight: Flight;
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

  constructor(memory: Memory, flight: Flight, stuckAfterMs: number) {
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
