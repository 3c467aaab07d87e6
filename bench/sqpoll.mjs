// What a polled ring costs and brings: 4 KiB reads of a file in the page cache on the ring, without and with
// a thread of the kernel's that polls, in turn. The processor time of that thread is printed apart.
// Usage: node bench/sqpoll.mjs [ROUNDS] [IDLE_MS]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { machineLine, median } from "./support/machine.mjs";
import { measureIn, needBuild } from "./support/subjects.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";

const BLOCK_BYTES = 4096;
const BLOCKS = 16_384;
const WARM_UP_MS = 300;
const RUN_MS = 1200;
/** The unit of times in /proc. */
const TICK_MS = 10;

if (process.argv[2] === "child")
  await measure(process.argv[3], process.argv[4]);
else compare(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 50));

function compare(rounds, idleMs) {
  needBuild();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-sqpoll-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "data");
  fs.writeFileSync(file, Buffer.alloc(BLOCKS * BLOCK_BYTES, 7));
  const runs = {};
  for (let round = 0; round < rounds; round++)
    for (const depth of [1, 64])
      for (const idle of [0, idleMs])
        (runs[`${depth} ${idle}`] ??= []).push(
          measureIn(import.meta.url, `${depth},${idle}`, file),
        );
  console.log(`${machineLine()}, load ${os.loadavg()[0].toFixed(1)}`);
  const titles = ["depth", "idle ms", "reads/s", "us cpu/op", "poller cpu"];
  const print = tablePrinter(titles, [6, 8, 10, 10, 11]);
  for (const [name, all] of Object.entries(runs)) {
    const of = (key) => median(all.map((run) => run[key]));
    print([
      ...name.split(" "),
      grouped(of("perSecond")),
      of("cpuUs").toFixed(1),
      of("poller").toFixed(2),
    ]);
  }
}

/** Milliseconds that the kernel's polling threads of this process have run. */
function pollerMs() {
  let ticks = 0;
  for (const task of fs.readdirSync("/proc/self/task")) {
    const stat = fs.readFileSync(`/proc/self/task/${task}/stat`, "latin1");
    const [, name, rest] = /\((.*)\) (.*)/.exec(stat);
    const fields = rest.split(" ");
    if (name.startsWith("iou-sqp"))
      ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * TICK_MS;
}

async function measure(subject, file) {
  const { createEio } = await import("node-eio");
  const [depth, sqpollIdleMs] = subject.split(",").map(Number);
  const eio = createEio({ backend: "uring", sqpollIdleMs });
  const handle = await eio.promises.open(file);
  let count = 0;
  const runFor = async (ms) => {
    const endMs = performance.now() + ms;
    const lane = async () => {
      const buffer = Buffer.alloc(BLOCK_BYTES);
      for (; performance.now() < endMs; count++) {
        const position = Math.floor(Math.random() * BLOCKS) * BLOCK_BYTES;
        await handle.read(buffer, 0, BLOCK_BYTES, position);
      }
    };
    await Promise.all(Array.from({ length: depth }, lane));
  };
  await runFor(WARM_UP_MS);
  count = 0;
  const [cpu, polled, startedMs] = [
    process.cpuUsage(),
    pollerMs(),
    performance.now(),
  ];
  await runFor(RUN_MS);
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  await handle.close();
  console.log(
    JSON.stringify({
      perSecond: (count * 1000) / tookMs,
      cpuUs: (user + system) / count,
      poller: (pollerMs() - polled) / tookMs,
    }),
  );
  await eio.close();
}
