// Loaded into an application before its own code: times its file calls and writes down now and then what they waited for, for
// the bench to read. It puts this library in the place of node:fs where it is to, and knows nothing of the application.
import fs from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import type { EioStats } from "node-eio";
import {
  FOLDER,
  MODE,
  type Mode,
  type Observed,
  type OpTimes,
} from "./observed.ts";

const SAMPLE_MS = 20;
const WRITE_MS = 250;
const NS_PER_MS = 1e6;
/** Names of our threads, as the kernel has them. */
const OURS = /^eio-\d+$/;
// From before anybody replaces them.
const { writeFileSync, renameSync, readdirSync, readFileSync } = fs;
const { setInterval } = globalThis;

const folder = process.env[FOLDER];
const mode = process.env[MODE] as Mode | undefined;
if (mode === "observe" || mode === "ours") await import("node-eio/register");
// Threads of a program are not observed: those of this library would be among them.
if (folder !== undefined && isMainThread) await observe(folder);

async function observe(folder: string): Promise<void> {
  let stats: (() => EioStats) | null = null;
  if (mode === "observe") {
    const { eio } = await import("node-eio");
    // While somebody listens every call is timed.
    eio.onTimed(() => {});
    stats = () => eio.stats();
  }
  const file = path.join(folder, `${process.pid}.json`);
  const observed: Observed = {
    wallMs: 0,
    listens: false,
    loopBusyMs: 0,
    ops: {},
    backends: {},
    at: { ready: 0, running: 0, pending: 0 },
    inFlightMax: 0,
    workersMax: 0,
    threads: { cpuMs: 0, queuedMs: 0 },
    history: [],
  };
  const beganMs = performance.now();
  const loopBegan = performance.eventLoopUtilization();
  const threads = new Map<string, [cpuMs: number, queuedMs: number]>();
  let sampledMs = beganMs;
  let writtenMs = beganMs;

  const sample = (): void => {
    const nowMs = performance.now();
    const pastMs = nowMs - sampledMs;
    sampledMs = nowMs;
    if (stats !== null) {
      const { requests, ready, pending, workers } = stats();
      observed.at.ready += ready * pastMs;
      observed.at.pending += pending * pastMs;
      observed.at.running += Math.max(0, requests - ready - pending) * pastMs;
      observed.inFlightMax = Math.max(observed.inFlightMax, requests);
      observed.workersMax = Math.max(observed.workersMax, workers);
    }
    if (nowMs - writtenMs < WRITE_MS) return;
    writtenMs = nowMs;
    write();
  };
  const write = (): void => {
    observed.wallMs = performance.now() - beganMs;
    observed.loopBusyMs = performance.eventLoopUtilization(loopBegan).active;
    observed.listens ||= process
      .getActiveResourcesInfo()
      .some((name) => name === "TCPServerWrap" || name === "PipeServerWrap");
    if (stats !== null) noteCalls(observed, stats());
    noteThreads(observed, threads);
    try {
      writeFileSync(`${file}.new`, JSON.stringify(observed));
      renameSync(`${file}.new`, file);
    } catch {
      // The bench is over.
    }
  };
  write();
  setInterval(sample, SAMPLE_MS).unref();
  process.on("exit", write);
}

function noteCalls(observed: Observed, stats: EioStats): void {
  let [waitMs, runMs] = [0, 0];
  for (const [name, op] of Object.entries(stats.ops)) {
    const { settled, failed, wait, run } = op;
    if (wait === undefined || run === undefined) continue;
    const times: OpTimes = {
      calls: settled,
      failed,
      waitMs: wait.count * wait.mean,
      runMs: run.count * run.mean,
      waitP99Ms: wait.p99,
      runP99Ms: run.p99,
    };
    observed.ops[name] = times;
    waitMs += times.waitMs;
    runMs += times.runMs;
  }
  for (const [name, { run }] of Object.entries(stats.backends))
    observed.backends[name] = run.count;
  observed.history.push([observed.wallMs, waitMs, runMs]);
}

/** Threads that have ended keep what they last had; nothing where the system does not say. */
function noteThreads(
  observed: Observed,
  threads: Map<string, [cpuMs: number, queuedMs: number]>,
): void {
  try {
    for (const id of readdirSync("/proc/self/task")) {
      const read = (name: string): string =>
        readFileSync(`/proc/self/task/${id}/${name}`, "utf8").trim();
      if (!OURS.test(read("comm"))) continue;
      const [cpu = 0, queued = 0] = read("schedstat").split(" ").map(Number);
      threads.set(id, [cpu / NS_PER_MS, queued / NS_PER_MS]);
    }
  } catch {
    // Between the listing and the reading a thread may end.
  }
  observed.threads = { cpuMs: 0, queuedMs: 0 };
  for (const [cpuMs, queuedMs] of threads.values()) {
    observed.threads.cpuMs += cpuMs;
    observed.threads.queuedMs += queuedMs;
  }
}
