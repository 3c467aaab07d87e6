// Does the loop stay free? Eight readers pull 1 MiB blocks of a file in the page cache, and the event
// loop's delay is taken meanwhile, with node:fs/promises and with this library, in turn; with `paced`,
// this library has a target for the delay (targetLoopDelayMs: 1).
// Usage: npm run bench:loop [-- ROUNDS]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { machineLine, median } from "./support/machine.mjs";
import { measureIn, needBuild, subjects } from "./support/subjects.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";

const READERS = 8;
const BLOCK_BYTES = 1 << 20;
const BLOCKS = 128;
const SECONDS = 2;

if (process.argv[2] === "child")
  await measure(process.argv[3], process.argv[4]);
else {
  const rounds = Number(process.argv[2] ?? 5);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error("usage: npm run bench:loop [-- ROUNDS]");
  compare(rounds);
}

function compare(rounds) {
  needBuild();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-loop-"));
  const file = path.join(folder, "data");
  fs.writeFileSync(file, Buffer.alloc(BLOCKS * BLOCK_BYTES, 7));
  const runs = { node: [], eio: [], paced: [] };
  for (let i = 0; i < rounds; i++)
    for (const name of Object.keys(runs))
      runs[name].push(measureIn(import.meta.url, name, file));
  fs.rmSync(folder, { recursive: true });

  console.log(
    `Loop delay while ${READERS} readers pull 1 MiB blocks; medians of ${rounds}. ${machineLine()}`,
  );
  const titles = ["", "p50 ms", "p99 ms", "max ms", "MiB/s", "us cpu/op"];
  const print = tablePrinter(titles, [8, 9, 9, 9, 9, 10]);
  for (const [name, all] of Object.entries(runs)) {
    const of = (key) => median(all.map((run) => run[key]));
    print([
      name,
      of("p50Ms").toFixed(2),
      of("p99Ms").toFixed(2),
      of("maxMs").toFixed(2),
      grouped(of("blocks") / SECONDS),
      of("cpuUs").toFixed(0),
    ]);
  }
  const p99 = (name) => median(runs[name].map(({ p99Ms }) => p99Ms));
  const worse = p99("eio") > p99("node");
  console.log(worse ? "worse than node:fs" : "no worse than node:fs");
  process.exitCode = worse ? 1 : 0;
}

/** With the limits of a turn tied to the delay. */
async function paced() {
  const { createEio } = await import("node-eio");
  return createEio({ targetLoopDelayMs: 1 }).promises;
}

async function measure(name, file) {
  const api = await (name === "paced" ? paced() : subjects[name]());
  const handle = await api.open(file);
  let blocks = 0;
  const readFor = async (ms) => {
    const endMs = performance.now() + ms;
    blocks = 0;
    const reader = async (first) => {
      const buffer = Buffer.alloc(BLOCK_BYTES);
      for (let at = first; performance.now() < endMs; at += READERS, blocks++)
        await handle.read(buffer, 0, BLOCK_BYTES, (at % BLOCKS) * BLOCK_BYTES);
    };
    await Promise.all(Array.from({ length: READERS }, (_, i) => reader(i)));
  };
  await readFor(300);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const cpuBefore = process.cpuUsage();
  delay.enable();
  await readFor(SECONDS * 1000);
  delay.disable();
  const cpu = process.cpuUsage(cpuBefore);
  await handle.close();
  console.log(
    JSON.stringify({
      blocks,
      p50Ms: delay.percentile(50) / 1e6,
      p99Ms: delay.percentile(99) / 1e6,
      maxMs: delay.max / 1e6,
      cpuUs: (cpu.user + cpu.system) / blocks,
    }),
  );
}
