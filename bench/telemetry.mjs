// What it costs to be observed by OpenTelemetry: requests per second and CPU per request of one process with and without instrument(), by what is
// collected. Metrics are collected once a second; spans are batched, and thrown away where others would send them. Each run is a process
// of its own, subjects in turn, medians. Usage: npm run bench:telemetry [-- ROUNDS]
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { machineLine, median } from "./support/machine.mjs";
import { measureIn, needBuild } from "./support/subjects.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";

const SECONDS = 1.5;
const DEPTHS = [1, 64];
const works = {
  stat: (fs, file) => fs.stat(file),
  "readFile 4 KiB": (fs, file) => fs.readFile(file),
};
const ALL = 1;

/** Options of instrument(), and how many of the traces the SDK keeps. */
const subjects = {
  without: null,
  "metrics only": [{ spans: false }, ALL],
  "every request timed": [{ spans: false, timeAll: true }, ALL],
  "slow spans (default)": [{}, ALL],
  "all spans": [{ spans: "all" }, ALL],
  "all, 1 % sampled": [{ spans: "all" }, 0.01],
};

if (process.argv[2] === "child") await measure(...process.argv.slice(3));
else compare(Number(process.argv[2] ?? 3));

function compare(rounds) {
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error("usage: npm run bench:telemetry [-- ROUNDS]");
  needBuild();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-telemetry-"));
  const file = path.join(folder, "file");
  fs.writeFileSync(file, Buffer.alloc(4096, "x"));
  const load = os.loadavg()[0].toFixed(1);
  console.log(`${machineLine()}, load ${load}; medians of ${rounds}`);
  const titles = ["call", "at once", "", "requests/s", "share", "us cpu"];
  const print = tablePrinter(titles, [14, 8, 22, 11, 7, 8]);
  for (const work of Object.keys(works))
    for (const depth of DEPTHS) {
      const runs = Object.keys(subjects).map((name) => [name, []]);
      for (let round = 0; round < rounds; round++)
        for (const [name, all] of runs)
          all.push(measureIn(import.meta.url, name, file, work, depth));
      const rate = (all) => median(all.map(({ perSecond }) => perSecond));
      for (const [name, all] of runs)
        print([
          work,
          depth,
          name,
          grouped(rate(all)),
          (rate(all) / rate(runs[0][1])).toFixed(2),
          median(all.map(({ cpuUs }) => cpuUs)).toFixed(2),
        ]);
    }
  fs.rmSync(folder, { recursive: true });
  console.log(`load ${os.loadavg()[0].toFixed(1)} at the end`);
}

async function measure(subject, file, work, depth) {
  const { eio } = await import("node-eio");
  const stop = await observe(eio, subjects[subject]);
  let done = 0;
  const run = async (ms) => {
    const endMs = performance.now() + ms;
    const caller = async () => {
      for (; performance.now() < endMs; done++)
        await works[work](eio.promises, file);
    };
    await Promise.all(Array.from({ length: Number(depth) }, caller));
  };
  await run(500);
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  done = 0;
  await run(SECONDS * 1000);
  const seconds = (performance.now() - beganMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(
    JSON.stringify({
      perSecond: done / seconds,
      cpuUs: (user + system) / done,
    }),
  );
  await stop();
}

/** As an application would set its SDK up. */
async function observe(eio, given) {
  if (given === null) return () => {};
  const [options, share] = given;
  const api = await import("@opentelemetry/api");
  const { AsyncLocalStorageContextManager } =
    await import("@opentelemetry/context-async-hooks");
  const sdkMetrics = await import("@opentelemetry/sdk-metrics");
  const sdkTrace = await import("@opentelemetry/sdk-trace-base");
  const { instrument } = await import("node-eio/opentelemetry");
  const nowhere = {
    export: (_batch, done) => done({ code: 0 }),
    shutdown: async () => {},
    forceFlush: async () => {},
  };
  const reader = new sdkMetrics.PeriodicExportingMetricReader({
    exporter: nowhere,
    exportIntervalMillis: 1000,
    exportTimeoutMillis: 1000,
  });
  const meterProvider = new sdkMetrics.MeterProvider({ readers: [reader] });
  const tracerProvider = new sdkTrace.BasicTracerProvider({
    sampler: new sdkTrace.TraceIdRatioBasedSampler(share),
    spanProcessors: [new sdkTrace.BatchSpanProcessor(nowhere)],
  });
  api.context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  const telemetry = instrument(eio, {
    ...options,
    meterProvider,
    tracerProvider,
  });
  return async () => {
    telemetry.stop();
    await meterProvider.shutdown();
    await tracerProvider.shutdown();
  };
}
