// Instances that are opened, used and closed, a thousand times: descriptors and resident memory stay what
// they were. Prints its figures as JSON.
//   node test/stress/run.mjs cycles [cycles] [backend]
import fs from "node:fs";
import {
  Flood,
  collect,
  descriptors,
  makeEngine,
  makeGround,
} from "./flood.ts";

const [cycles = "1000", backend = "uring"] = process.argv.slice(2);
/** Heaps and pools have their size by then. */
const WARM_UP = Math.min(200, Number(cycles));
const GROWTH_MAX_BYTES = 32 << 20;

const ground = makeGround();

async function run(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const engine = makeEngine(backend, 64);
    const flood = new Flood(engine, ground);
    flood.read(20);
    await flood.allSettled();
    await engine.close();
    flood.closeFiles();
    if (flood.wrong.length !== 0) throw new Error(flood.wrong[0]);
    // Shared memory is the collector's, which does not see how large it is.
    if (i % 20 === 0) await collect();
  }
  await collect();
}

const figures = (): { descriptors: number; rssBytes: number } => ({
  descriptors: descriptors(),
  rssBytes: process.memoryUsage.rss(),
});

await run(WARM_UP);
const before = figures();
const started = performance.now();
await run(Number(cycles));
const after = figures();
const usEach = Math.round(
  ((performance.now() - started) * 1000) / Number(cycles),
);
fs.rmSync(ground.folder, { recursive: true });

const leaks: string[] = [];
if (after.descriptors !== before.descriptors)
  leaks.push(`descriptors: ${before.descriptors} -> ${after.descriptors}`);
if (after.rssBytes - before.rssBytes > GROWTH_MAX_BYTES)
  leaks.push(`memory: ${before.rssBytes} -> ${after.rssBytes}`);
console.log(JSON.stringify({ cycles, backend, before, after, usEach, leaks }));
process.exitCode = leaks.length === 0 ? 0 : 1;
