// What a request costs while it waits in the kernel: resident memory of the process, and memory of the
// kernel as reported for the whole machine. Prints figures as JSON.
//   node test/stress/run.mjs waiting [requests]
import fs from "node:fs";
import { Flood, collect, makeEngine, makeGround } from "./flood.ts";

const [count = "10000"] = process.argv.slice(2);
const requests = Number(count);

function kernelBytes(): number {
  const text = fs.readFileSync("/proc/meminfo", "utf8");
  return Number(/^Slab: +(\d+) kB$/m.exec(text)![1]) * 1024;
}

async function figures(): Promise<Record<string, number>> {
  await collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heapUsed, external, kernel: kernelBytes() };
}

const ground = makeGround();
const engine = makeEngine("uring", 2 ** Math.ceil(Math.log2(requests + 16)));
const flood = new Flood(engine, ground);
// A few first: code is compiled, and the ring is there.
flood.wait(200);
await flood.begun();
flood.cancelAll();
await flood.allSettled();
flood.requests.length = 0;
flood.settled = 0;

const before = await figures();
flood.wait(requests);
await flood.begun();
const during = await figures();
flood.cancelAll();
await flood.allSettled();
await engine.close();
flood.closeFiles();
fs.rmSync(ground.folder, { recursive: true });

// Half of the buffers have 64 bytes, half 2048.
const dataBytes = (64 + 2048) / 2;
const each = Object.fromEntries(
  Object.entries(during).map(([name, value]) => [
    name,
    Math.round((value - before[name]!) / requests),
  ]),
);
console.log(JSON.stringify({ requests, dataBytes, bytesPerRequest: each }));
