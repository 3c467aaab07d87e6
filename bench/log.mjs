// `npm run bench:log`: durable appends per second of eio.appendLog beside write and fdatasync by hand, in alternating rounds, with 1,
// 16 and 256 appends in flight; p99, and bytes written per byte appended. It does not know how the log does it.
import fs from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { createEio } from "node-eio";

const ROUNDS = Number(process.argv[2] ?? 5);
const ROUND_MS = Number(process.argv[3] ?? 1000);
const RECORD = Buffer.alloc(200, "r");
const folder = await mkdtemp(path.join(process.cwd(), ".bench-log-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
const eio = createEio();

/** Each append is a write and an fdatasync of its own, one after the other: the loop that people write. */
async function byHand(name) {
  const handle = await fs.promises.open(path.join(folder, name), "a");
  let last = Promise.resolve();
  return {
    append: () =>
      (last = last.then(async () => {
        await handle.write(RECORD);
        await handle.datasync();
      })),
    close: () => handle.close(),
  };
}

async function ours(name) {
  const log = await eio.appendLog(path.join(folder, name));
  return { append: () => log.append(RECORD), close: () => log.close() };
}

/** Bytes that this process has caused to be sent to storage; 0 where the system does not say. */
function storedBytes() {
  try {
    const text = fs.readFileSync("/proc/self/io", "latin1");
    return Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function round(open, name, inFlight) {
  const { append, close } = await open(name);
  const times = [];
  const before = storedBytes();
  const start = performance.now();
  const end = start + ROUND_MS;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < end) {
        const begun = performance.now();
        await append();
        times.push(performance.now() - begun);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const stored = storedBytes() - before;
  await close();
  times.sort((a, b) => a - b);
  return {
    rate: times.length / seconds,
    p99: times[Math.floor(times.length * 0.99)],
    factor: stored / (times.length * RECORD.length),
  };
}

const median = (values) =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const subjects = { "by hand": byHand, appendLog: ours };
console.log(
  `${ROUNDS} rounds of ${ROUND_MS} ms, records of ${RECORD.length} bytes, Node ${process.versions.node}, ${eio.backend}, load ${fs.readFileSync("/proc/loadavg", "latin1").split(" ")[0]}`,
);
for (const inFlight of [1, 16, 256]) {
  const found = Object.fromEntries(
    Object.keys(subjects).map((name) => [name, []]),
  );
  for (let i = 0; i < ROUNDS; i++)
    for (const [name, open] of Object.entries(subjects))
      found[name].push(await round(open, `${name} ${inFlight} ${i}`, inFlight));
  for (const [name, rounds] of Object.entries(found)) {
    const of = (what) => median(rounds.map((one) => one[what]));
    console.log(
      `${String(inFlight).padStart(3)} in flight  ${name.padEnd(9)}  ${of("rate").toFixed(0).padStart(7)}/s  p99 ${of("p99").toFixed(2)} ms  ${of("factor").toFixed(1)} bytes stored per byte`,
    );
  }
}
await eio.close();
await rm(folder, { recursive: true });
