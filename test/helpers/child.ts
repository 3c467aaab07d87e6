// Lives of whole processes, one per name: how they end, and what they cost. Started by
// processes.test.ts; prints how far it got.
import fs from "node:fs";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";
import { promised, settlePromise } from "../../src/api/submit.ts";
import { NO_TERMS, applyTerms } from "../../src/api/terms.ts";
import { selectBackend } from "../../src/backends/select.ts";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { Engine } from "../../src/engine/engine.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { ops, type OpName } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import { decodeInto, decodeNone } from "../../src/request/results.ts";

const say = (line: string): void => void fs.writeSync(1, `${line}\n`);

function makeEngine(change = {}): Engine {
  const limits = { ...defaultThreadLimits, ...change };
  return new Engine(defaultEngineOptions, selectBackend("pool", { limits }));
}

function submit(
  engine: Engine,
  name: OpName,
  change: Partial<Request> = {},
): Promise<number> & { request: Request } {
  let request!: Request;
  const done = new Promise<number>((resolve) => {
    const decode = name === "read" ? decodeInto : decodeNone;
    request = new Request(ops[name].code, decode, ({ result }) =>
      resolve(result),
    );
    Object.assign(request, change);
    engine.submit(request);
  });
  return Object.assign(done, { request });
}

async function begun(engine: Engine): Promise<void> {
  while (engine.nready !== 0 || engine.nthreads === 0) await turn();
}

const lives: Record<string, (...args: string[]) => Promise<void> | void> = {
  async idle() {
    const engine = makeEngine({ minParallel: 2 });
    await Promise.all(Array.from({ length: 50 }, () => submit(engine, "nop")));
    say("idle");
  },

  async never() {
    makeEngine({ minParallel: 2 });
  },

  /** Nothing but the request keeps the process alive. */
  busy(gate) {
    const engine = makeEngine();
    void submit(engine, "slurp", { path: gate! }).then(() => say("settled"));
    void begun(engine).then(() => say("begun"));
  },

  async armed() {
    const engine = makeEngine();
    void submit(engine, "busy", { a: 30 }).then(() => say("settled"));
  },

  async exitBusy() {
    const engine = makeEngine();
    void submit(engine, "busy", { a: 1e8 });
    await begun(engine);
    say("exiting");
    process.exit(7);
  },

  async exitHung(gate) {
    const engine = makeEngine();
    void submit(engine, "slurp", { path: gate! });
    await begun(engine);
    say("exiting");
    process.exit(7);
  },

  /** A request that hangs was given up: the process may end. */
  async abandoned(gate) {
    const engine = makeEngine();
    const result = await submit(engine, "slurp", {
      path: gate!,
      ends: { timeout: 50 },
    });
    say(`given up ${result}`);
  },

  async abandonedBusy() {
    const engine = makeEngine();
    const ends = { timeout: 50 };
    say(`given up ${await submit(engine, "busy", { a: 1e8, ends })}`);
  },

  async close() {
    const engine = makeEngine({ minParallel: 2 });
    await submit(engine, "nop");
    await engine.close();
    say("closed");
  },

  async closeAtOnce() {
    await makeEngine({ minParallel: 2 }).close();
    say("closed");
  },

  async pausedAndCancelled() {
    const engine = makeEngine({ maxParallel: 0 });
    const submitted = submit(engine, "nop");
    await turn();
    engine.cancel(submitted.request, null);
    say("cancelled");
  },

  /** Engines in several threads, that end by themselves. */
  async threads() {
    const worker = (): Promise<number> =>
      new Promise((resolve) =>
        new Worker(new URL(import.meta.url), {
          workerData: ["threadOfItsOwn"],
        }).on("exit", resolve),
      );
    const codes = await Promise.all([worker(), worker(), worker()]);
    say(`exits ${codes.join()}`);
  },

  async threadOfItsOwn() {
    const engine = makeEngine();
    const done = await Promise.all(
      Array.from({ length: 200 }, () => submit(engine, "nop")),
    );
    if (done.some((result) => result !== 0)) throw new Error("failed");
  },

  async terminate() {
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: ["inFlight"],
      });
      await new Promise((resolve) => worker.once("message", resolve));
      say(`terminated ${await worker.terminate()}`);
    }
  },

  async inFlight() {
    const engine = makeEngine({ maxParallel: 2 });
    void submit(engine, "busy", { a: 1e8 });
    for (let i = 0; i < 100; i++) void submit(engine, "nop");
    await submit(engine, "nop");
    parentPort!.postMessage("busy");
    for (;;) await submit(engine, "nop");
  },

  /** 100,000 requests at once, and what memory they take beyond the data. */
  async memory(folder, count) {
    const file = path.join(folder!, "data");
    fs.writeFileSync(file, Buffer.alloc(4096, 1));
    const fd = fs.openSync(file, "r");
    const engine = makeEngine({ maxParallel: 2 });
    const buffers = Array.from({ length: Number(count) }, () =>
      Buffer.allocUnsafeSlow(128).fill(1),
    );
    await submit(engine, "read", { fd, data: buffers[0]!, position: 0 });
    const before = process.memoryUsage.rss();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 1);
    const counts = await Promise.all(
      buffers.map((data) => {
        const request = new Request(ops.read.code, decodeInto, settlePromise);
        Object.assign(request, { fd, data, position: 0 });
        return promised<number>(engine, applyTerms(request, NO_TERMS));
      }),
    );
    clearInterval(watching);
    peak = Math.max(peak, process.memoryUsage.rss());
    const settled = counts.filter((count) => count === 128).length;
    say(JSON.stringify({ settled, grownBytes: peak - before }));
  },
};

const [name, ...args] = isMainThread
  ? process.argv.slice(2)
  : (workerData as string[]);
await lives[name!]!(...args);
