// Mixed requests of every kind, with signals, timeouts, groups and cancels, while thread limits change and worker threads with
// instances of their own are terminated: each settles once, and afterwards nothing is left. What it measures when everything
// rests, after each quarter too, it prints as JSON; what memory that does not come back belongs to, it cannot say.
//   node test/stress/run.mjs mixed [requests] [backend,backend] [seed]
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  setImmediate as turn,
  setTimeout as delay,
} from "node:timers/promises";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";
import type { BackendName } from "../../src/backends/backend.ts";
import { loadNative } from "../../src/backends/native.ts";
import { Mixture, type Task } from "./mixture.ts";

/** Requests of the main thread between two changes of the limits, and between two starts of a worker. */
const LIMITS_EVERY = 997;
const WORKER_EVERY = 5000;
/** As many later that worker is terminated: it makes as many itself, and its start is dear. */
const WORKER_LASTS = 1000;
const QUARTERS = 4;
/**
 * From half of the requests to their end. V8 keeps some 50 MiB of pages, or does not, and malloc's arenas are as large as
 * they once were, so resident memory says little of what is lost.
 */
const GROWTH_MAX_BYTES = {
  mallocBytes: 2 << 20,
  heapBytes: 2 << 20,
  rssBytes: 64 << 20,
};
const LOOKS_MAX = 2000;
/** The folder of the threads that are. */
const TERMINATED = "terminated";

interface Figures {
  descriptors: number;
  /** Files that a thread had open, or was opening, when it was terminated. */
  leftByTerminated: number;
  threads: number;
  mallocBytes: number;
  heapBytes: number;
  rssBytes: number;
}

const threads = (): number => fs.readdirSync("/proc/self/task").length;

async function measure(): Promise<Figures> {
  for (let i = 0; i < 4; i++) {
    (globalThis as unknown as { gc: () => void }).gc();
    await turn();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const all = fs.readdirSync("/proc/self/fd").map(pathOf);
  const left = all.filter((file) => file.includes(`/${TERMINATED}/`)).length;
  return {
    descriptors: all.length - left,
    leftByTerminated: left,
    threads: threads(),
    mallocBytes: mallocBytes(),
    heapBytes: heapUsed + external,
    rssBytes: rss,
  };
}

/** What malloc has given to anybody in the process; 0 where only a build with faults could say. */
function mallocBytes(): number {
  const { addon } = loadNative() as unknown as {
    addon: { heldBytes?: () => number } | null;
  };
  return addon?.heldBytes?.() ?? 0;
}

/** Where a descriptor leads; nowhere: it was that of the listing. */
function pathOf(fd: string): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

/** The kernel's threads of a ring that is closed go by themselves. */
async function threadsAre(count: number): Promise<void> {
  for (let looks = 0; threads() !== count && looks < LOOKS_MAX; looks++)
    await delay(5);
}

/** A thread that is terminated while its requests are in flight. */
class Victim {
  readonly #worker: Worker;
  readonly #begun: Promise<unknown>;
  readonly #ended: Promise<number>;

  constructor(task: Task) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: task });
    this.#begun = once(this.#worker, "message");
    this.#ended = new Promise((resolve, reject) =>
      this.#worker.on("exit", resolve).on("error", reject),
    );
  }

  async end(): Promise<void> {
    await this.#begun;
    await this.#worker.terminate();
    await this.#ended;
  }
}

/** Runs until this mixture has made that many requests. */
async function work(
  mixture: Mixture,
  task: Task,
  count: number,
): Promise<void> {
  let victim: Victim | undefined;
  let ended = Promise.resolve();
  let next = mixture.submitted;
  let nextWorker = mixture.submitted;
  let nextEnd = nextWorker + WORKER_LASTS;
  const endVictim = (): void => {
    const last = victim;
    victim = undefined;
    ended = ended.then(() => last?.end());
  };
  await mixture.run(count, () => {
    if (mixture.submitted < next) return;
    next += LIMITS_EVERY;
    mixture.changeLimits();
    if (mixture.submitted >= nextEnd) {
      nextEnd += WORKER_EVERY;
      endVictim();
    }
    if (mixture.submitted < nextWorker) return;
    nextWorker += WORKER_EVERY;
    const folder = path.join(task.folder, TERMINATED);
    victim = new Victim({ ...task, folder, seed: task.seed + nextWorker });
  });
  endVictim();
  await ended;
}

function growth(backend: string, half: Figures, end: Figures): string[] {
  return Object.entries(GROWTH_MAX_BYTES)
    .map(([name, most]) => {
      const figure = name as keyof typeof GROWTH_MAX_BYTES;
      return { name, most, grown: end[figure] - half[figure] };
    })
    .filter(({ grown, most }) => grown > most)
    .map(({ name, grown }) => `${backend}: ${name} grew by ${grown}`);
}

async function main(): Promise<void> {
  const [count = "500000", names = "threads,auto", seed = "11"] =
    process.argv.slice(2);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-mixed-"));
  fs.mkdirSync(path.join(folder, TERMINATED));
  // libuv's threads stay, once there are any.
  await fs.promises.stat(folder);
  const backends = names.split(",") as BackendName[];
  const each = Math.ceil(+count / backends.length);
  const leaks: string[] = [];
  const outcomes: Record<string, unknown> = {};
  // Code compiles, and what is loaded once is loaded.
  for (const backend of backends) {
    const task = { folder, backend, seed: 7 };
    const warm = new Mixture(task);
    await work(warm, task, 2000);
    await warm.eio.close();
  }
  const before = await measure();
  const began = performance.now();
  const quarters: Record<string, Figures[]> = {};
  for (const backend of backends) {
    const task = { folder, backend, seed: +seed };
    const mixture = new Mixture(task);
    const measured: Figures[] = (quarters[backend] = []);
    for (let quarter = 1; quarter <= QUARTERS; quarter++) {
      await work(mixture, task, (each * quarter) / QUARTERS);
      measured.push(await measure());
    }
    leaks.push(...growth(backend, measured[1]!, measured[3]!));
    const { slots, arena, requests } = mixture.eio.stats();
    const { submitted, settled, wrong } = mixture;
    const left = { ...slots, arena: arena.usedBytes, requests };
    if (left.used + left.arena + left.requests + submitted - settled !== 0)
      leaks.push(
        `${backend}: ${JSON.stringify({ ...left, submitted, settled })}`,
      );
    leaks.push(...new Set(wrong.slice(0, 10)));
    outcomes[backend] = { submitted, settled, ...mixture.outcomes };
    await mixture.eio.close();
  }
  const ms = Math.round(performance.now() - began);
  await threadsAre(before.threads);
  const after = await measure();
  fs.rmSync(folder, { recursive: true });
  for (const name of ["descriptors", "threads"] as const)
    if (after[name] !== before[name])
      leaks.push(`${name}: ${before[name]} -> ${after[name]}`);
  console.log(
    JSON.stringify({
      count: +count,
      ms,
      before,
      quarters,
      after,
      outcomes,
      leaks,
    }),
  );
  process.exitCode = leaks.length === 0 ? 0 : 1;
}

if (isMainThread) await main();
else {
  const mixture = new Mixture(workerData as Task);
  // With the first handle Node opens one of its own, and leaves it open where the thread ends meanwhile.
  await mixture.openHandle();
  parentPort!.postMessage("begun");
  await mixture.run(Infinity);
}
