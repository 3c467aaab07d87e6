// One run in as many threads as the case requests, each with the whole work, and one result of them all.
// Threads begin together: none is measured while another one still starts.
import { fileURLToPath } from "node:url";
import { Worker, parentPort, workerData } from "node:worker_threads";
import type { Counted, Order, RunResult } from "../case.ts";
import { histogram, pairs } from "../latencies.ts";
import { measure, type Measured } from "./measure.ts";

/** Words that threads share: how many are ready, how many are over. */
const READY = 0;
const OVER = 1;

interface Seat {
  order: Order;
  thread: number;
  shared: Int32Array;
}

interface Usage {
  cpu: NodeJS.CpuUsage;
  switches: [voluntary: number, involuntary: number];
}

function usage(): Usage {
  const { voluntaryContextSwitches, involuntaryContextSwitches } =
    process.resourceUsage();
  return {
    cpu: process.cpuUsage(),
    switches: [voluntaryContextSwitches, involuntaryContextSwitches],
  };
}

/** `warm` is waited for between the warm-up and the run. */
export async function run(
  order: Order,
  warm: () => Promise<void>,
): Promise<RunResult> {
  const { threads } = order.case;
  let before!: Usage;
  let after!: Usage;
  const begin = async (): Promise<void> => {
    await warm();
    before = usage();
  };
  const end = (): void => void (after = usage());
  const all =
    threads === 1
      ? [await measure(order.subject, order.case, 0, begin, end)]
      : await runThreads(order, begin, end);
  return sum(all, before, after);
}

async function runThreads(
  order: Order,
  begin: () => Promise<void>,
  end: () => void,
): Promise<Measured[]> {
  const { threads } = order.case;
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const workers = Array.from(
    { length: threads },
    (_, thread) =>
      new Worker(fileURLToPath(import.meta.url), {
        workerData: { order, thread, shared } satisfies Seat,
      }),
  );
  const outcomes = workers.map(
    (worker) =>
      new Promise<Measured>((resolve, reject) => {
        worker.on("message", resolve);
        worker.on("error", reject);
        worker.on("exit", () =>
          reject(new Error("A thread of the bench ended without a result")),
        );
      }),
  );
  const failed = Promise.race(outcomes);
  await Promise.race([all(shared, READY, threads), failed]);
  await begin();
  Atomics.store(shared, READY, threads + 1);
  Atomics.notify(shared, READY);
  await Promise.race([all(shared, OVER, threads), Promise.all(outcomes)]);
  end();
  const measured = await Promise.all(outcomes);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return measured;
}

/** Waits until so many were counted. */
async function all(
  shared: Int32Array,
  word: number,
  count: number,
): Promise<void> {
  // Such a wait alone keeps no thread alive.
  const hold = setInterval(() => {}, 0x7fffffff);
  for (;;) {
    const now = Atomics.load(shared, word);
    if (now >= count) break;
    await Atomics.waitAsync(shared, word, now).value;
  }
  clearInterval(hold);
}

/** In a thread of its own. */
export async function serve(): Promise<void> {
  const { order, thread, shared } = workerData as Seat;
  const { threads } = order.case;
  const count = (word: number): void => {
    Atomics.add(shared, word, 1);
    Atomics.notify(shared, word);
  };
  const ready = async (): Promise<void> => {
    count(READY);
    await all(shared, READY, threads + 1);
  };
  parentPort!.postMessage(
    await measure(order.subject, order.case, thread, ready, () => count(OVER)),
  );
}

function sum(all: Measured[], before: Usage, after: Usage): RunResult {
  const [first] = all as [Measured];
  const ops = all.reduce((sum, { ops }) => sum + ops, 0);
  // Each thread by its own clock: they need not end together.
  const perSecond = all.reduce(
    (sum, { ops, seconds }) => sum + ops / seconds,
    0,
  );
  const worst = (key: "p50" | "p99" | "max"): number =>
    Math.max(...all.map(({ loopDelayNs }) => loopDelayNs?.[key] ?? 0));
  return {
    ops,
    bytes: ops * first.bytesEach,
    seconds: ops === 0 ? first.seconds : ops / perSecond,
    cpuUserUs: after.cpu.user - before.cpu.user,
    cpuSystemUs: after.cpu.system - before.cpu.system,
    latenciesNs: merge(all.map(({ latenciesNs }) => latenciesNs)),
    loopDelayNs:
      first.loopDelayNs === null
        ? null
        : { p50: worst("p50"), p99: worst("p99"), max: worst("max") },
    switches: {
      voluntary: after.switches[0] - before.switches[0],
      involuntary: after.switches[1] - before.switches[1],
    },
    harnessNs: first.harnessNs,
    goes: first.goes,
  };
}

function merge(all: Counted[]): Counted {
  return all.length === 1 ? all[0]! : pairs(histogram(all.flat()));
}
