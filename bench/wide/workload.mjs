// One row's work on one subject in this process, which may be any Node or Bun: prints a line of JSON with operations,
// seconds, CPU time and latencies. It does not know what it is compared with; limit.c makes the same calls.
// Usage: RUNTIME bench/wide/workload.mjs '{"subject","work","bytes","depth","files","folder","seconds"}'
import fs from "node:fs";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { LatencyCounts } from "./latency-counts.mjs";
import { makeTreeWork } from "./tree-work.mjs";

const WARM_UP_SHARE = 0.2;
/** What new files may hold before they are removed, which is not measured. */
const NEW_BYTES_MAX = 256 << 20;
const NEW_FILES_MAX = 20_000;
const STREAM_WRITE_BYTES = 65_536;

const order = JSON.parse(process.argv[2]);
const { work, bytes, depth, files, folder, seconds } = order;

/** What the subject offers: `own` is the runtime's node:fs, `eio` the package as its users import it. */
const subjects = {
  own: async () => ({
    promises: fs.promises,
    streams: fs,
    alloc: (size) => Buffer.alloc(size),
  }),
  eio: async () => {
    const { eio } = await import("node-eio");
    const { default: promises } = await import("node-eio/promises");
    const streams = work.endsWith("Stream")
      ? (await import("node-eio/fs")).default
      : fs;
    const backend = () => eio.backend;
    return { promises, streams, backend, alloc: (size) => eio.alloc(size) };
  },
};

const { promises, streams, alloc, backend } = await subjects[order.subject]();

let seed = 12345;
function random(count) {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return Math.floor((seed / 2 ** 32) * count);
}

const all = Array.from({ length: files }, (_, i) => path.join(folder, `${i}`));
const pick = () => all[random(files)];
let turn = 0;
const next = () => all[turn++ % files];
const content = work.startsWith("write") ? Buffer.alloc(bytes, 97) : null;

/** Each makes what one lane calls again and again. */
const makers = {
  read: () => reader((size) => Buffer.alloc(size)),
  readAlloc: () => reader(alloc),
  stat: () => () => promises.stat(pick()),
  open: () => async () => {
    const handle = await promises.open(pick());
    await handle.close();
  },
  write: async () => {
    const handle = await theHandle("r+");
    const blocks = fs.statSync(all[0]).size / bytes;
    return () => handle.write(content, 0, bytes, random(blocks) * bytes);
  },
  readFile: () => () => promises.readFile(pick()),
  readFileUtf8: () => () => promises.readFile(pick(), "utf8"),
  readStream: () => () =>
    new Promise((resolve, reject) =>
      streams
        .createReadStream(pick())
        .on("error", reject)
        .on("end", resolve)
        .resume(),
    ),
  writeFile: () => () => promises.writeFile(next(), content),
  writeFileNew: () => () => promises.writeFile(newFile(), content),
  writeStream: () => () =>
    new Promise((resolve, reject) => {
      const stream = streams
        .createWriteStream(next())
        .on("error", reject)
        .on("finish", resolve);
      for (let at = 0; at < bytes; at += STREAM_WRITE_BYTES)
        stream.write(content.subarray(at, at + STREAM_WRITE_BYTES));
      stream.end();
    }),
};

let opened = null;
const theHandle = (flags) => (opened ??= promises.open(all[0], flags));

async function reader(memory) {
  const handle = await theHandle("r");
  const blocks = Math.floor(fs.statSync(all[0]).size / bytes);
  const buffer = memory(bytes);
  return () => handle.read(buffer, 0, bytes, random(blocks) * bytes);
}

const made = [];
function newFile() {
  const file = path.join(folder, `new-${turn++}`);
  made.push(file);
  return file;
}
const segmentOps =
  work === "writeFileNew"
    ? Math.min(NEW_FILES_MAX, Math.ceil(NEW_BYTES_MAX / bytes))
    : Infinity;

/** In segments: between two of them made files are removed, and neither clock runs. */
async function run(lanes, ms) {
  const total = { ops: 0, ms: 0, cpuUs: 0, latencies: new LatencyCounts() };
  while (total.ms < ms) {
    let left = segmentOps;
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    const endMs = startedMs + ms - total.ms;
    const lane = async (call) => {
      let beganMs = performance.now();
      while (left-- > 0) {
        await call();
        const nowMs = performance.now();
        total.latencies.count(nowMs - beganMs);
        total.ops++;
        // At least one, however late the lane came.
        if (nowMs >= endMs) break;
        beganMs = nowMs;
      }
    };
    await Promise.all(lanes.map(lane));
    total.ms += performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    total.cpuUs += user + system;
    for (const file of made.splice(0)) fs.unlinkSync(file);
  }
  return total;
}

/** One operation in a new process; one stat brings the library's start behind us. */
async function runOnce(operation) {
  await promises.stat(folder);
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const sum = await operation();
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  const latencies = new LatencyCounts();
  latencies.count(ms);
  return { ops: 1, ms, cpuUs: user + system, latencies, sum };
}

async function measure() {
  const tree = makeTreeWork(promises, folder)[work];
  if (tree !== undefined) return runOnce(tree);
  const lanes = await Promise.all(
    Array.from({ length: depth }, () => makers[work]()),
  );
  await run(lanes, seconds * 1000 * WARM_UP_SHARE);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const total = await run(lanes, seconds * 1000);
  delay.disable();
  await (await opened)?.close();
  return { ...total, loopP99Us: delay.percentile(99) / 1000 };
}

const { ops, ms, cpuUs, latencies, loopP99Us, sum } = await measure();
const figures = {
  rate: (ops / ms) * 1000,
  cpuUs: cpuUs / ops,
  p50Us: latencies.percentileUs(50),
  p99Us: latencies.percentileUs(99),
  loopP99Us,
  sum,
  backend: backend?.(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
