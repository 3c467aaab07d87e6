// Many mixed requests, of which afterwards nothing is left: descriptors, slots, arena, workers and,
// after a collection, heap are where they were. Prints its figures as one line of JSON.
//   node test/stress/run.mjs leak [requests]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { selectBackend } from "../../src/backends/select.ts";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { Engine } from "../../src/engine/engine.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { ops, type OpName } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import {
  decodeBytes,
  decodeCount,
  decodeInto,
  decodeNone,
  decodeNumbers,
} from "../../src/request/results.ts";

const total = Number(process.argv[2] ?? 1_000_000);
const IN_FLIGHT = 256;
/** A tenth of the work comes first: code compiles, pools and arena reach their sizes. */
const WARM_UP = Math.max(2000, total / 10);
const HEAP_MAX_BYTES = 2 << 20;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-leak-"));
const small = path.join(folder, "small");
const large = path.join(folder, "large");
fs.writeFileSync(small, Buffer.alloc(4096, 1));
fs.writeFileSync(large, Buffer.alloc(40_000, 2));
const fd = fs.openSync(large, "r");
const data = Buffer.alloc(10_000, 3);

const limits = { ...defaultThreadLimits, minParallel: 2, maxParallel: 2 };
const engine = new Engine(
  defaultEngineOptions,
  selectBackend("pool", { limits }),
);

const settled: Record<string, number> = {};

function submit(name: OpName, change: Partial<Request>): Promise<Request> {
  return new Promise((resolve) => {
    const decode = {
      read: decodeInto,
      slurp: decodeBytes,
      open: decodeCount,
      stat: decodeNumbers,
    }[name as string];
    const request = new Request(
      ops[name].code,
      decode ?? decodeNone,
      (request) => {
        const how = `${name} ${request.result < 0 ? request.result : "ok"}`;
        settled[how] = (settled[how] ?? 0) + 1;
        resolve(request);
      },
    );
    Object.assign(request, change);
    engine.submit(request);
  });
}

/** The n-th request of the mixture. */
async function one(n: number): Promise<void> {
  const level = n % 9;
  switch (n % 10) {
    case 0:
    case 1:
    case 2: {
      const buffer = Buffer.allocUnsafe(n % 3 === 0 ? 4096 : 20_000);
      await submit("read", { fd, data: buffer, position: n % 10_000, level });
      return;
    }
    case 3:
      await submit("stat", { path: small, level });
      return;
    case 4:
      await submit("slurp", { path: small, level });
      return;
    case 5:
      await submit("slurp", { path: large, level });
      return;
    case 6: {
      const path = `${folder}/w${n % 64}`;
      await submit("spew", { path, data, a: 0o1101, b: 0o600, level });
      return;
    }
    case 7:
      await submit("open", { path: `${small}/no`, level });
      return;
    case 8: {
      // An open that may or may not have been done when it is aborted.
      const controller = new AbortController();
      const opening = submit("open", {
        path: small,
        ends: { signal: controller.signal },
      });
      if (n % 3 !== 0) await turn();
      controller.abort();
      const { result } = await opening;
      if (result >= 0) fs.closeSync(result);
      return;
    }
    default:
      await submit("busy", { a: 0, ends: { timeout: n % 5 }, level });
  }
}

let next = 0;
async function lane(end: number): Promise<void> {
  while (next < end) await one(next++);
}

async function run(count: number): Promise<void> {
  const end = next + count;
  await Promise.all(Array.from({ length: IN_FLIGHT }, () => lane(end)));
  while (engine.orphans !== 0 || engine.nreqs !== 0) await turn();
}

interface Figures {
  descriptors: number;
  usedSlots: number;
  arenaUsedBytes: number;
  threads: number;
  heapBytes: number;
  rssBytes: number;
}

async function measure(): Promise<Figures> {
  for (let i = 0; i < 4; i++) {
    (globalThis as unknown as { gc: () => void }).gc();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    descriptors: fs.readdirSync("/proc/self/fd").length,
    usedSlots: engine.memory.sizes.slots - engine.freeSlots,
    arenaUsedBytes: engine.arenaUsedBytes,
    threads: engine.nthreads,
    heapBytes: heapUsed + external,
    rssBytes: rss,
  };
}

await run(WARM_UP);
const before = await measure();
await run(total);
const after = await measure();
await engine.close();
fs.closeSync(fd);
fs.rmSync(folder, { recursive: true });

const grown = after.heapBytes - before.heapBytes;
const same = (
  ["descriptors", "usedSlots", "arenaUsedBytes", "threads"] as const
)
  .filter((name) => after[name] !== before[name])
  .map((name) => `${name}: ${before[name]} -> ${after[name]}`);
if (grown > HEAP_MAX_BYTES) same.push(`heap grew by ${grown} bytes`);
console.log(
  JSON.stringify({ total, before, after, grown, settled, leaks: same }),
);
process.exitCode = same.length === 0 ? 0 : 1;
