// Several processes of a cluster, each with several threads, each with a ring of its own, all at work at
// once on one file. Prints figures as JSON.
//   node test/stress/run.mjs crowd [processes] [threads] [requests] [backend]
import cluster from "node:cluster";
import fs from "node:fs";
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { Flood, groundOf, makeEngine, makeGround } from "./flood.ts";

interface Task {
  folder: string;
  threads: number;
  count: number;
  backend: string;
}

async function work({ folder, count, backend }: Task): Promise<void> {
  const engine = makeEngine(backend, 1024);
  const flood = new Flood(engine, groundOf(folder));
  flood.work(count);
  await flood.allSettled();
  await engine.close();
  flood.closeFiles();
  if (flood.wrong.length !== 0) throw new Error(flood.wrong[0]);
}

function thread(task: Task): Promise<number> {
  return new Promise((resolve, reject) =>
    new Worker(new URL(import.meta.url), { workerData: task })
      .on("exit", resolve)
      .on("error", reject),
  );
}

function member(task: Task): Promise<number | null> {
  const child = cluster.fork({ EIO_TASK: JSON.stringify(task) });
  return new Promise((resolve) => child.on("exit", resolve));
}

if (!isMainThread) {
  await work(workerData as Task);
} else if (cluster.isWorker) {
  const task = JSON.parse(process.env["EIO_TASK"]!) as Task;
  const others = Array.from({ length: task.threads }, () => thread(task));
  await work(task);
  const codes = await Promise.all(others);
  cluster.worker!.disconnect();
  if (codes.some((code) => code !== 0)) process.exitCode = 1;
} else {
  const [processes = "4", threads = "3", count = "5000", backend = "uring"] =
    process.argv.slice(2);
  const { folder } = makeGround();
  const task = { folder, threads: +threads, count: +count, backend };
  const started = performance.now();
  const members = Array.from({ length: +processes }, () => member(task));
  const codes = await Promise.all(members);
  const ms = Math.round(performance.now() - started);
  fs.rmSync(folder, { recursive: true });
  console.log(
    JSON.stringify({ processes, threads, count, backend, codes, ms }),
  );
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
}
