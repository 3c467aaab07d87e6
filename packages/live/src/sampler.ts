// Takes a sample of an instance now and then, while somebody watches; then every request is timed, and the
// loop's delay is measured. While nobody does it costs nothing. It knows nothing of HTTP.
import type { Eio, EioStats, WaitAndRun } from "node-eio";
import { clearInterval, packageVersion, setInterval } from "node-eio/internal";
import { Buckets } from "./buckets.ts";
import { LoopDelay } from "./loop-delay.ts";
import type {
  GroupRow,
  Hello,
  LiveSample,
  OpSample,
  StuckRow,
  WaitAndRunSpread,
} from "./sample.ts";

const HISTORY_MAX = 180;
const STUCK_MAX = 50;

class Both {
  readonly #wait = new Buckets();
  readonly #run = new Buckets();

  record(waitMs: number, runMs: number): void {
    this.#wait.record(waitMs);
    this.#run.record(runMs);
  }

  take(): WaitAndRunSpread {
    return { wait: this.#wait.take(), run: this.#run.take() };
  }
}

export class Sampler {
  readonly #eio: Eio;
  readonly #intervalMs: number;
  readonly #tell: (sample: LiveSample) => void;
  readonly #watchers: () => number;
  readonly #ops = new Map<string, Both>();
  readonly #all = new Both();
  #history: LiveSample[] = [];
  #loop: LoopDelay | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopTiming: () => void = () => {};

  constructor(
    eio: Eio,
    intervalMs: number,
    watchers: () => number,
    tell: (sample: LiveSample) => void,
  ) {
    this.#eio = eio;
    this.#intervalMs = intervalMs;
    this.#watchers = watchers;
    this.#tell = tell;
  }

  /** Somebody watches. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#loop = new LoopDelay();
    this.#stopTiming = this.#eio.onTimed(({ op, waitMs, runMs }) => {
      let both = this.#ops.get(op);
      if (both === undefined) this.#ops.set(op, (both = new Both()));
      both.record(waitMs, runMs);
      this.#all.record(waitMs, runMs);
    });
    this.#timer = setInterval(() => {
      const sample = this.#take();
      this.#history.push(sample);
      if (this.#history.length > HISTORY_MAX) this.#history.shift();
      this.#tell(sample);
    }, this.#intervalMs).unref();
  }

  /** Nobody does any more. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#stopTiming();
    this.#loop?.stop();
    this.#loop = null;
    this.#history = [];
    this.#ops.clear();
    this.#all.take();
  }

  hello(): Hello {
    const stats = this.#eio.stats();
    return {
      version: packageVersion(),
      node: process.version,
      pid: process.pid,
      backend: stats.backend,
      backends: Object.entries(this.#eio.backends).map(([name, probe]) => ({
        name,
        available: probe.available,
        reason: probe.available ? "" : probe.reason,
      })),
      workersMax: this.#eio.limits.maxParallel,
      slots: stats.slots.size,
      arenaBytes: stats.arena.bytes,
      intervalMs: this.#intervalMs,
      history: this.#history,
    };
  }

  #take(): LiveSample {
    const stats = this.#eio.stats();
    const { requests, ready, pending, abandoned, workers } = stats;
    return {
      atMs: Date.now(),
      ...{ requests, ready, pending, abandoned, workers },
      slotsUsed: stats.slots.used,
      arenaUsedBytes: stats.arena.usedBytes,
      rssBytes: process.memoryUsage.rss(),
      loop: this.#loop!.take(),
      all: this.#all.take(),
      ops: this.#takeOps(stats),
      lanes: rowsOf(stats.lanes),
      backends: rowsOf(stats.backends),
      stuck: stuckOf(this.#eio),
      watchers: this.#watchers(),
    };
  }

  #takeOps({ ops }: EioStats): Record<string, OpSample> {
    const sampled: Record<string, OpSample> = {};
    for (const [name, op] of Object.entries(ops)) {
      const { submitted, settled, failed, cancelled } = op;
      const times = this.#ops.get(name)?.take() ?? { wait: null, run: null };
      sampled[name] = { submitted, settled, failed, cancelled, ...times };
    }
    return sampled;
  }
}

const rowsOf = (groups: Partial<Record<string, WaitAndRun>>): GroupRow[] =>
  Object.entries(groups).map(([name, times]) => ({
    name,
    count: times!.run.count,
    waitP50: times!.wait.p50,
    waitP99: times!.wait.p99,
    runP50: times!.run.p50,
    runP99: times!.run.p99,
  }));

const stuckOf = (eio: Eio): StuckRow[] => eio.stuck().slice(0, STUCK_MAX);
