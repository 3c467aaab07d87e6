// Threads and processors in simulated time, for whoever decides how many threads there are: they take requests in the
// order of their coming, and share the processors. They know no shared memory but the counters, and make no decision.
import { BacklogWatch, type Clock } from "../../src/backends/backlog-watch.ts";
import {
  isolateCosts,
  nativeCosts,
  ThreadController,
} from "../../src/backends/thread-controller.ts";
import { Control } from "../../src/request/layout.ts";

const STEP_US = 10;
const WORKERS_MAX = 64;
/** How quickly the means of service times follow, as a power of two. */
const MEAN_SHIFT = 3;

export interface SimulatedRequest {
  /** Of a processor, which may take longer where the processors are shared. */
  cpuUs: number;
  /** Then so long without one. */
  deviceUs: number;
}

interface SimulatedThread {
  state: "starting" | "asleep" | "working";
  /** Of a start, or of the device. */
  untilUs: number;
  cpuLeftUs: number;
  request: SimulatedRequest | null;
  begunUs: number;
}

export interface Setting {
  processors: number;
  maxParallel: number;
  native?: boolean;
}

export class SimulatedCrew {
  readonly controller: ThreadController;
  readonly threads: SimulatedThread[] = [];
  /** When threads were started, and how many were woken, in milliseconds. */
  readonly startsMs: number[] = [];
  readonly wakesMs: number[] = [];
  done = 0;
  /** Processors that the rest of the process keeps busy. */
  busyElsewhere = 0;
  awakeMost = 0;
  /** Of all threads together. */
  awakeUs = 0;
  readonly #control = new Int32Array(Control.rings);
  readonly #setting: Setting;
  readonly #watch: BacklogWatch | null;
  readonly #queue: SimulatedRequest[] = [];
  #timers: { atUs: number; call: () => void }[] = [];
  #nowUs = 0;
  #cpuUs = 0;
  #taken = 0;
  #meanUs = 0;
  #sleeping = 0;

  constructor(setting: Setting) {
    const { processors, maxParallel, native = false } = setting;
    this.#setting = setting;
    const control = this.#control;
    const clock: Clock = {
      nowMs: () => this.nowMs,
      cpuMs: () => this.#cpuUs / 1000,
      processors: () => processors,
      after: (ms, call) => {
        const timer = { atUs: this.#nowUs + ms * 1000, call };
        this.#timers.push(timer);
        return () => (this.#timers = this.#timers.filter((t) => t !== timer));
      },
    };
    // Native threads watch themselves, in C.
    this.#watch = native
      ? null
      : new BacklogWatch(clock, {
          backlog: () => this.backlog,
          taken: () => this.#taken,
          serviceUs: () => control[Control.serviceNs]! / 1000,
          sleepingOf1000: () => control[Control.sleeping]!,
          booting: () => this.#count("starting") > 0,
          addOne: (mayStart) => this.controller.addOne(mayStart),
        });
    this.controller = new ThreadController(
      control,
      { workersMax: WORKERS_MAX },
      {
        backlog: () => this.backlog,
        taken: () => this.#taken,
        booting: () => (native ? 0 : this.#count("starting")),
        ring: (count) => this.#ring(count),
        start: () => this.#start(),
        watch: () => this.#watch?.start(),
      },
      {
        minParallel: 0,
        maxParallel,
        maxIdle: 64,
        idleTimeoutMs: 0,
        lingerUs: 0,
      },
      native ? nativeCosts : isolateCosts,
      () => processors,
    );
  }

  get nowMs(): number {
    return this.#nowUs / 1000;
  }

  get backlog(): number {
    return this.#queue.length;
  }

  /** Those that are started, or work, or run what hangs. */
  get awake(): number {
    return this.threads.length - this.#count("asleep");
  }

  get asleep(): number {
    return this.#count("asleep");
  }

  get watches(): boolean {
    return this.#timers.length !== 0;
  }

  /** In one turn of the loop. */
  submit(count: number, request: SimulatedRequest): void {
    for (let i = 0; i < count; i++) {
      this.#queue.push(request);
      this.controller.wakeOne();
    }
    this.controller.summon();
  }

  /** `each` is called at the start of each millisecond. */
  run(ms: number, each?: () => void): void {
    const endUs = this.#nowUs + ms * 1000;
    while (this.#nowUs < endUs) {
      if (this.#nowUs % 1000 === 0) each?.();
      this.#step();
    }
  }

  #count(state: SimulatedThread["state"]): number {
    return this.threads.filter((thread) => thread.state === state).length;
  }

  #ring(count: number): void {
    for (const thread of this.threads) {
      if (count === 0) return;
      if (thread.state !== "asleep") continue;
      thread.state = "working";
      this.#control[Control.sleepers]! -= 1;
      this.wakesMs.push(this.nowMs);
      count--;
    }
  }

  #start(): boolean {
    this.threads.push({
      state: "starting",
      untilUs: this.#nowUs + (this.#setting.native ? 30 : 30_000),
      cpuLeftUs: 0,
      request: null,
      begunUs: 0,
    });
    this.#control[Control.threads]! += 1;
    this.startsMs.push(this.nowMs);
    return true;
  }

  #step(): void {
    this.#nowUs += STEP_US;
    const due = this.#timers.filter(({ atUs }) => atUs <= this.#nowUs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { call } of due) call();
    for (const thread of this.threads) this.#takeNext(thread);
    const { processors } = this.#setting;
    const free = Math.max(0, processors - this.busyElsewhere);
    const running = this.threads.filter(({ cpuLeftUs }) => cpuLeftUs > 0);
    const share = STEP_US * Math.min(1, free / Math.max(1, running.length));
    for (const thread of running) {
      thread.cpuLeftUs -= share;
      if (thread.cpuLeftUs <= 0)
        thread.untilUs = this.#nowUs + thread.request!.deviceUs;
    }
    this.#cpuUs +=
      share * running.length +
      STEP_US * Math.min(this.busyElsewhere, processors);
    this.awakeUs += STEP_US * this.awake;
    this.awakeMost = Math.max(this.awakeMost, this.awake);
  }

  #takeNext(thread: SimulatedThread): void {
    if (thread.state === "asleep" || thread.cpuLeftUs > 0) return;
    if (thread.untilUs > this.#nowUs) return;
    if (thread.request !== null) this.#finish(thread, thread.request);
    const request = this.#queue.shift();
    if (request === undefined) {
      thread.state = "asleep";
      this.#control[Control.sleepers]! += 1;
      return;
    }
    this.#taken++;
    Object.assign(thread, {
      state: "working",
      request,
      cpuLeftUs: request.cpuUs,
      begunUs: this.#nowUs,
      untilUs: 0,
    });
  }

  #finish(
    thread: SimulatedThread,
    { cpuUs, deviceUs }: SimulatedRequest,
  ): void {
    const tookUs = this.#nowUs - thread.begunUs;
    this.done++;
    thread.request = null;
    this.#meanUs =
      this.#meanUs === 0
        ? tookUs
        : this.#meanUs + (tookUs - this.#meanUs) / (1 << MEAN_SHIFT);
    const slept = deviceUs > cpuUs ? 1000 : 0;
    this.#sleeping += (slept - this.#sleeping) / (1 << MEAN_SHIFT);
    this.#control[Control.serviceNs] = Math.round(this.#meanUs * 1000);
    this.#control[Control.sleeping] = this.#sleeping;
  }
}
