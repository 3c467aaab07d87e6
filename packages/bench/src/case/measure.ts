// The measurement of one thread: lanes that each ask, wait and ask again, a warm-up, then the run that
// counts. It knows operations as functions, and not what they do.
import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  isDataWork,
  type Case,
  type Counted,
  type RunResult,
  type Subject,
} from "../case.ts";
import { Latencies } from "../latencies.ts";
import { apiOf } from "./apis.ts";
import { dataOperations } from "./data-operations.ts";
import type { Operations } from "./operation.ts";
import { pathOperations } from "./path-operations.ts";

/** Of the probe of the loop's delay. */
const RESOLUTION_MS = 1;
const HARNESS_MS = 50;

export interface Measured {
  ops: number;
  seconds: number;
  latenciesNs: Counted;
  loopDelayNs: RunResult["loopDelayNs"];
  harnessNs: number | null;
  goes: string[] | null;
  bytesEach: number;
}

interface Run {
  ops: number;
  seconds: number;
  latencies: Latencies;
}

/** `ready` is called between the warm-up and the run, `over` after it: other threads begin and end with it. */
export async function measure(
  subject: Subject,
  work: Case,
  thread: number,
  ready: () => Promise<void> | void,
  over: () => void,
): Promise<Measured> {
  const api = await apiOf(subject, work);
  const make = isDataWork(work.work) ? dataOperations : pathOperations;
  const operations = await make(api, work, thread);
  // The null backend transfers nothing.
  if (subject.which === "null") operations.verify = () => {};
  const run = runners[subject.style];
  if (work.rampMs > 0) {
    // It may go over the same places twice, and leaves those of the run that counts alone.
    const warmUp = await make(api, { ...work, once: false }, thread);
    warmUp.verify = operations.verify;
    await run(warmUp, work.depth, work.rampMs);
    await warmUp.close();
  }
  await ready();
  const delay = watchLoop();
  const { ops, seconds, latencies } = await run(
    operations,
    work.depth,
    work.runtimeMs,
  );
  over();
  const loopDelayNs = delay();
  const goes = api.goes(operations.op);
  await operations.close();
  await api.close();
  const harnessNs =
    subject.which === "null" ? await harness(work.depth, subject) : null;
  const { bytesEach } = operations;
  return {
    ops,
    seconds,
    latenciesNs: latencies.counted(),
    loopDelayNs,
    harnessNs,
    goes,
    bytesEach,
  };
}

/** Bun has no such probe: then there is no delay to report. */
function watchLoop(): () => RunResult["loopDelayNs"] {
  let probe: ReturnType<typeof monitorEventLoopDelay>;
  try {
    probe = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    probe.enable();
  } catch {
    return () => null;
  }
  return () => {
    probe.disable();
    // A loop that was never free in all that time has measured nothing.
    if (probe.count === 0) return null;
    const beyond = (ns: number): number =>
      Math.max(0, ns - RESOLUTION_MS * 1e6);
    const { max } = probe;
    const [p50, p99] = [probe.percentile(50), probe.percentile(99)];
    return { p50: beyond(p50), p99: beyond(p99), max: beyond(max) };
  };
}

/** What a turn of a lane costs by itself: the price of the bench, which is in every figure. */
async function harness(depth: number, { style }: Subject): Promise<number> {
  const done = Promise.resolve();
  const nothing: Operations = {
    promise: () => done,
    callback: (_lane, done) => (queueMicrotask(() => done(null)), true),
    sync: () => undefined,
    op: "",
    bytesEach: 0,
    verify: () => {},
    close: () => done,
  };
  // Lanes that never wait for the loop would never end: they look at the clock each time.
  const { ops, seconds } = await runners[style](nothing, depth, HARNESS_MS);
  return (seconds * 1e9) / ops;
}

type Runner = (
  operations: Operations,
  depth: number,
  ms: number,
) => Promise<Run>;

const runners: Record<Subject["style"], Runner> = {
  async promises(operations, depth, ms) {
    const latencies = new Latencies();
    let ops = 0;
    const beganMs = performance.now();
    const endMs = beganMs + ms;
    const lane = async (number: number): Promise<void> => {
      // The next begins where the one before ended: one look at the clock for both.
      for (let nowMs = performance.now(); nowMs < endMs;) {
        const submitted = operations.promise(number);
        if (submitted === false) return;
        operations.verify(await submitted);
        const thenMs = nowMs;
        latencies.note((nowMs = performance.now()) - thenMs);
        ops++;
      }
    };
    await Promise.all(
      Array.from({ length: depth }, (_, number) => lane(number)),
    );
    return { ops, seconds: (performance.now() - beganMs) / 1000, latencies };
  },

  async callbacks(operations, depth, ms) {
    const latencies = new Latencies();
    let ops = 0;
    const beganMs = performance.now();
    const endMs = beganMs + ms;
    const lane = (number: number): Promise<void> =>
      new Promise((resolve, reject) => {
        let thenMs = performance.now();
        const done = (error: Error | null, answer?: unknown): void => {
          if (error) return reject(error);
          try {
            operations.verify(answer);
          } catch (wrong) {
            return reject(wrong as Error);
          }
          const nowMs = performance.now();
          latencies.note(nowMs - thenMs);
          ops++;
          thenMs = nowMs;
          if (nowMs >= endMs || !operations.callback(number, done)) resolve();
        };
        if (!operations.callback(number, done)) resolve();
      });
    await Promise.all(
      Array.from({ length: depth }, (_, number) => lane(number)),
    );
    return { ops, seconds: (performance.now() - beganMs) / 1000, latencies };
  },

  /** So many in a row as would be in flight, then the loop has its turn. */
  sync(operations, depth, ms) {
    const latencies = new Latencies();
    let ops = 0;
    const beganMs = performance.now();
    const endMs = beganMs + ms;
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        let nowMs = performance.now();
        try {
          for (let number = 0; number < depth; number++) {
            const answer = operations.sync(number);
            if (answer === false) return resolve(finish());
            operations.verify(answer);
            const thenMs = nowMs;
            latencies.note((nowMs = performance.now()) - thenMs);
            ops++;
            if (nowMs >= endMs) return resolve(finish());
          }
        } catch (error) {
          return reject(error as Error);
        }
        setImmediate(turn);
      };
      const finish = (): Run => ({
        ops,
        seconds: (performance.now() - beganMs) / 1000,
        latencies,
      });
      turn();
    });
  },
};
