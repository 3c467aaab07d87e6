// O_DIRECT reads of 4 KiB at random places, 64 in flight: node:fs, the backends, and fio on the same
// file, in turn, several rounds. Each run has a process of its own; what is printed are medians.
// Usage: node bench/direct.mjs [ROUNDS] [FOLDER], the folder on the disk to be measured.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { machineLine, median } from "./support/machine.mjs";
import { measureIn, needBuild } from "./support/subjects.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";

const BLOCK_BYTES = 4096;
const DATA_BYTES = 256 << 20;
const DEPTH = 64;
const RUN_MS = 1500;
const WARM_UP_MS = 300;

const contenders = [
  "node",
  "uring",
  "aio",
  "pool",
  "fio io_uring",
  "fio libaio",
];

if (process.argv[2] === "child") await measure(...process.argv.slice(3));
else compare(Number(process.argv[2] ?? 5), process.argv[3] ?? os.tmpdir());

function compare(rounds, parent) {
  needBuild();
  const folder = fs.mkdtempSync(path.join(parent, "node-eio-direct-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "data");
  fs.writeFileSync(file, Buffer.alloc(DATA_BYTES, 7), { flush: true });
  console.log(`${machineLine()}, load ${os.loadavg()[0].toFixed(1)}\n`);
  const figures = Object.fromEntries(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of contenders) {
      const run = name.startsWith("fio ") ? fio : ours;
      figures[name].push(run(name, file));
    }
  print(figures);
}

function print(figures) {
  const ratio = (name, to) => {
    const ratios = figures[name].map(
      (run, round) => run.perSecond / figures[to][round].perSecond,
    );
    return ratios.every(Number.isFinite) ? median(ratios).toFixed(2) : "-";
  };
  const titles = ["who", "reads/s", "to node", "to fio", "us cpu/op", "p99 us"];
  const row = tablePrinter(titles, [14, 10, 8, 8, 10, 8]);
  for (const name of contenders) {
    const of = (what) => median(figures[name].map((run) => run[what]));
    const engine = name.includes("aio") ? "fio libaio" : "fio io_uring";
    row([
      name,
      grouped(of("perSecond")),
      ratio(name, "node"),
      ratio(name, engine),
      of("cpuUs").toFixed(1),
      grouped(of("p99Us")),
    ]);
  }
}

function ours(name, file) {
  const env = process.env.NODE_EIO_BACKEND;
  if (name !== "node") process.env.NODE_EIO_BACKEND = name;
  const figure = measureIn(import.meta.url, name, file);
  process.env.NODE_EIO_BACKEND = env ?? "";
  return figure;
}

function fio(name, file) {
  const { status, stdout, stderr } = spawnSync("fio", [
    "--name=direct",
    `--filename=${file}`,
    `--ioengine=${name.slice("fio ".length)}`,
    "--rw=randread",
    `--bs=${BLOCK_BYTES}`,
    `--size=${DATA_BYTES}`,
    `--iodepth=${DEPTH}`,
    "--direct=1",
    "--time_based",
    `--ramp_time=${WARM_UP_MS}ms`,
    `--runtime=${RUN_MS}ms`,
    "--output-format=json",
  ]);
  // Without fio there is nothing to compare with, but everything else is still printed.
  if (status !== 0) {
    if (status !== null) throw new Error(`fio failed: ${stderr}`);
    return { perSecond: NaN, cpuUs: NaN, p99Us: NaN };
  }
  const [job] = JSON.parse(stdout).jobs;
  const cpu = (job.usr_cpu + job.sys_cpu) / 100;
  return {
    perSecond: job.read.iops,
    cpuUs: (cpu * 1e6) / job.read.iops,
    p99Us: job.read.clat_ns.percentile["99.000000"] / 1000,
  };
}

async function measure(name, file) {
  const { O_RDONLY, O_DIRECT } = fs.constants;
  const { eio } = await import("node-eio");
  const handle =
    name === "node"
      ? await fs.promises.open(file, O_RDONLY | O_DIRECT)
      : await eio.openDirect(file);
  if (name !== "node" && !handle.direct) throw new Error("not direct");
  const blocks = DATA_BYTES / BLOCK_BYTES;
  let took = [];
  const runFor = async (ms) => {
    took = [];
    const endMs = performance.now() + ms;
    const lane = async () => {
      const buffer = eio.alloc(BLOCK_BYTES);
      for (let nowMs = performance.now(); nowMs < endMs;) {
        const position = Math.floor(Math.random() * blocks) * BLOCK_BYTES;
        await handle.read(buffer, 0, BLOCK_BYTES, position);
        const thenMs = nowMs;
        took.push((nowMs = performance.now()) - thenMs);
      }
    };
    await Promise.all(Array.from({ length: DEPTH }, lane));
  };
  await runFor(WARM_UP_MS);
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await runFor(RUN_MS);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const count = took.length;
  took.sort((a, b) => a - b);
  await handle.close();
  console.log(
    JSON.stringify({
      perSecond: count / seconds,
      cpuUs: (user + system) / count,
      p99Us: took[Math.floor(count * 0.99)] * 1000,
    }),
  );
  process.exit(0);
}
