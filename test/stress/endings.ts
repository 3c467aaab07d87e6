// All the ways to end with thousands of requests in flight: the process is killed, or exits; its thread is
// terminated; the instance is closed; the requests are cancelled. Over and over; prints figures as JSON.
//   node test/stress/run.mjs endings [rounds] [requests] [backend]
import { spawn } from "node:child_process";
import fs from "node:fs";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";
import {
  Flood,
  collect,
  descriptors,
  groundOf,
  makeEngine,
  makeGround,
  type Ground,
} from "./flood.ts";

interface Life {
  name: string;
  folder: string;
  count: number;
  backend: string;
}

/** For that many requests that wait there is one that ends by itself. */
const WORK_SHARE = 5;

/** The smallest power of two that takes them all. */
const slotsFor = (count: number): number =>
  2 ** Math.ceil(Math.log2(count + count / WORK_SHARE + 16));

async function floodOf(life: Life): Promise<Flood> {
  const engine = makeEngine(life.backend, slotsFor(life.count));
  const flood = new Flood(engine, groundOf(life.folder));
  flood.wait(life.count);
  await flood.begun();
  flood.work(life.count / WORK_SHARE);
  return flood;
}

// --- In a process or a thread of their own: they begin, and are ended ---

const lives: Record<string, (life: Life) => Promise<void>> = {
  async killed(life) {
    await floodOf(life);
    fs.writeSync(1, "ready");
  },
  async exits(life) {
    await floodOf(life);
    fs.writeSync(1, "ready");
    process.exit(7);
  },
  async terminated(life) {
    await floodOf(life);
    parentPort!.postMessage("ready");
  },
};

// --- The ways to end, as seen from outside; each returns what is wrong, or null ---

function childEnds(life: Life, signal: NodeJS.Signals | null): Promise<string> {
  const args = [process.argv[1]!, "life", JSON.stringify(life)];
  const child = spawn(process.execPath, args);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdout.once("data", () => {
    if (signal !== null) child.kill(signal);
  });
  return new Promise((resolve) =>
    child.on("close", (code, ended) => resolve(`${code} ${ended} ${errors}`)),
  );
}

function threadEnds(life: Life): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: life });
  return new Promise((resolve, reject) => {
    worker.once("message", () => void worker.terminate().then(resolve));
    worker.once("error", reject);
  });
}

const endings: Record<
  string,
  (life: Life, round: number) => Promise<string | null>
> = {
  async killed(life, round) {
    const signal = round % 2 === 0 ? "SIGKILL" : "SIGTERM";
    const outcome = await childEnds(life, signal);
    return outcome === `null ${signal} ` ? null : outcome;
  },
  async exits(life) {
    const outcome = await childEnds(life, null);
    return outcome === "7 null " ? null : outcome;
  },
  async terminated(life) {
    const code = await threadEnds(life);
    return code === 1 ? null : `exit code ${code}`;
  },
  async cancelled(life) {
    const flood = await floodOf(life);
    flood.cancelAll();
    await flood.allSettled();
    return finish(flood, life.count);
  },
  /** close() waits for what is in flight, so nothing may wait for ever. */
  async closed(life) {
    const engine = makeEngine(life.backend, slotsFor(life.count));
    const flood = new Flood(engine, groundOf(life.folder));
    flood.work(life.count);
    return finish(flood, 0);
  },
  /** Cancelled a moment ago, and not let go by the kernel yet. */
  async closedOverOrphans(life) {
    const flood = await floodOf(life);
    flood.cancelAll();
    return finish(flood, life.count);
  },
};

async function finish(
  flood: Flood,
  cancelledMin: number,
): Promise<string | null> {
  await flood.engine.close();
  flood.closeFiles();
  const { settled, cancelled, wrong, requests } = flood;
  if (settled !== requests.length)
    return `${settled} of ${requests.length} are settled`;
  if (cancelled < cancelledMin) return `only ${cancelled} are cancelled`;
  return wrong[0] ?? null;
}

async function run(
  ground: Ground,
  rounds: number,
  count: number,
  backend: string,
): Promise<object> {
  const wrong: string[] = [];
  const ms: Record<string, number> = {};
  let before: object = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, end] of Object.entries(endings)) {
      const started = performance.now();
      const life = { name, folder: ground.folder, count, backend };
      const what = await end(life, round);
      if (what !== null) wrong.push(`round ${round}, ${name}: ${what}`);
      ms[name] = (ms[name] ?? 0) + performance.now() - started;
    }
    await collect();
    // The first round comes before the count: things are loaded, and threads kept.
    if (round === 0) before = figures();
  }
  for (const name in ms) ms[name] = Math.round(ms[name]! / (rounds + 1));
  return { rounds, count, backend, wrong, before, after: figures(), ms };
}

const figures = (): object => ({
  descriptors: descriptors(),
  rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
});

if (!isMainThread) {
  const life = workerData as Life;
  await lives[life.name]!(life);
} else if (process.argv[2] === "life") {
  const life = JSON.parse(process.argv[3]!) as Life;
  await lives[life.name]!(life);
} else {
  const [rounds = "200", count = "10000", backend = "uring"] =
    process.argv.slice(2);
  const ground = makeGround();
  const outcome = await run(ground, Number(rounds), Number(count), backend);
  fs.rmSync(ground.folder, { recursive: true });
  console.log(JSON.stringify(outcome));
}
