// The door for OpenTelemetry with the real API and SDK: which metrics are collected, and what they say after known requests;
// whose children the spans are; and what is left when it was stopped.
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type DataPoint,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import diagnostics from "node:diagnostics_channel";
import fs from "node:fs";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { describe, expect, it, vi } from "vitest";
import { createEio, type Eio } from "node-eio";
import { packageVersion } from "node-eio/internal";
import { BUCKETS } from "../src/measures.ts";
import {
  instrument,
  type Instrumentation,
  type OpenTelemetryOptions,
} from "../src/opentelemetry.ts";

/** One in so many requests is timed where nobody watches. */
const SAMPLE_EVERY = 64;

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

let eio: Eio;
let reader: Reader;
let meterProvider: MeterProvider;
let exporter: InMemorySpanExporter;
let tracerProvider: BasicTracerProvider;
let started: Instrumentation[];
beforeEach(() => {
  eio = createEio({ backend: "pool", maxParallel: 2 });
  reader = new Reader();
  meterProvider = new MeterProvider({ readers: [reader] });
  exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  tracerProvider = new BasicTracerProvider({ spanProcessors });
  started = [];
});
afterEach(async () => {
  for (const one of started) one.stop();
  await eio.close();
});

const contexts = new AsyncLocalStorageContextManager();
beforeAll(() => {
  api.context.setGlobalContextManager(contexts.enable());
});
afterAll(() => api.context.disable());

function start(options: OpenTelemetryOptions = {}, of = eio): Instrumentation {
  const all = { meterProvider, tracerProvider, spans: false, ...options };
  const one = instrument(of, all as OpenTelemetryOptions);
  started.push(one);
  return one;
}

async function collected(from: MetricReader = reader): Promise<MetricData[]> {
  const { resourceMetrics, errors } = await from.collect();
  expect(errors).toEqual([]);
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

/** The value of the one point that has these attributes. */
function valueOf<T = number>(
  metrics: MetricData[],
  name: string,
  attributes: api.Attributes = {},
): T | undefined {
  const found = metrics.find(({ descriptor }) => descriptor.name === name);
  const points: DataPoint<unknown>[] = found?.dataPoints ?? [];
  const own = points.filter((point) =>
    Object.entries(attributes).every(
      ([name, value]) => point.attributes[name] === value,
    ),
  );
  expect(own.length, name).toBeLessThan(2);
  return own[0]?.value as T | undefined;
}

const requests = (
  metrics: MetricData[],
  op: string,
  result: string,
): number | undefined =>
  valueOf(metrics, "node_eio.requests", {
    "node_eio.op": op,
    "node_eio.result": result,
  });

describe("metrics", () => {
  it("say what became of the requests, how long they took, and what there is now", async () => {
    start({ timeAll: true });
    await Promise.all([eio.nop(), eio.nop(), eio.promises.stat(".")]);
    await eio.promises.stat("missing").catch(() => {});
    const aborting = new AbortController();
    const { signal } = aborting;
    const cancelled = eio.promises.lstat(".", { signal });
    aborting.abort();
    await cancelled.catch(() => {});

    const metrics = await collected();
    expect(requests(metrics, "nop", "ok")).toBe(2);
    expect(requests(metrics, "nop", "failed")).toBe(0);
    expect(requests(metrics, "stat", "ok")).toBe(1);
    expect(requests(metrics, "stat", "failed")).toBe(1);
    expect(requests(metrics, "lstat", "cancelled")).toBe(1);
    expect(requests(metrics, "lstat", "failed")).toBe(0);
    expect(requests(metrics, "lstat", "ok")).toBe(0);
    const times = (name: string): Histogram =>
      valueOf<Histogram>(metrics, `node_eio.request.${name}`, {
        "node_eio.op": "stat",
        "node_eio.backend": "pool",
      })!;
    const [whole, wait, run] = [
      times("duration"),
      times("wait_time"),
      times("run_time"),
    ];
    expect([whole.count, wait.count, run.count]).toEqual([2, 2, 2]);
    expect(whole.sum).toBeCloseTo(wait.sum! + run.sum!, 9);
    // Seconds: two lookups of files took less than one, and some of it.
    const { stat } = eio.stats().ops;
    const meanMs = stat!.wait!.mean + stat!.run!.mean;
    expect(whole.sum! / 2 / (meanMs / 1000)).toBeCloseTo(1, 1);
    expect(whole.buckets.boundaries).toEqual(BUCKETS);
    const { slots, arena } = eio.stats();
    expect(valueOf(metrics, "node_eio.request.open")).toBe(0);
    expect(valueOf(metrics, "node_eio.request.stuck")).toBe(0);
    expect(valueOf(metrics, "node_eio.request.sampled_every")).toBe(1);
    expect(valueOf(metrics, "node_eio.worker.count")).toBe(eio.nthreads);
    expect(valueOf(metrics, "node_eio.slot.limit")).toBe(slots.size);
    expect(valueOf(metrics, "node_eio.arena.limit")).toBe(arena.bytes);
    const lane = { "node_eio.lane": "default" };
    expect(valueOf(metrics, "node_eio.lane.waiting", lane)).toBe(0);
  });

  it("see what waits", async () => {
    start();
    eio.setLimits({ maxParallel: 0 });
    const waiting = Promise.all([eio.nop(), eio.nop(), eio.nop()]);
    const metrics = await collected();
    eio.setLimits({ maxParallel: 2 });
    await waiting;
    expect(valueOf(metrics, "node_eio.request.open")).toBe(3);
    expect(requests(metrics, "nop", "ok")).toBe(0);
    const later = await collected();
    expect(valueOf(later, "node_eio.request.open")).toBe(0);
    expect(requests(later, "nop", "ok")).toBe(3);
  });

  it("have names and units by OpenTelemetry's rules, and few attributes", async () => {
    start({ timeAll: true });
    await eio.nop();
    const metrics = await collected();
    for (const { descriptor, dataPoints } of metrics) {
      expect(descriptor.name).toMatch(/^node_eio(\.[a-z][a-z0-9_]*)+$/);
      expect(descriptor.unit).toMatch(/^(s|By|\{[a-z]+\})$/);
      expect(descriptor.description).toMatch(/\.$/);
      expect(dataPoints.length, descriptor.name).toBeGreaterThan(0);
      for (const name of dataPoints.flatMap((one) =>
        Object.keys(one.attributes),
      ))
        expect(["op", "result", "backend", "lane"]).toContain(
          name.replace(/^node_eio\./, ""),
        );
    }
    const kinds = metrics.map(({ descriptor, ...metric }) => [
      descriptor.name,
      metric.dataPointType === DataPointType.SUM
        ? metric.isMonotonic
        : metric.dataPointType,
    ]);
    expect(Object.fromEntries(kinds)).toMatchObject({
      "node_eio.requests": true,
      "node_eio.request.open": false,
      "node_eio.request.duration": DataPointType.HISTOGRAM,
      "node_eio.request.sampled_every": DataPointType.GAUGE,
      "node_eio.eventloop.delay.max": DataPointType.GAUGE,
    });
  });

  it("come from a scope of the package's name and version", async () => {
    start({ timeAll: true });
    const { resourceMetrics } = await reader.collect();
    expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope)).toEqual([
      expect.objectContaining({ name: "node-eio", version: packageVersion() }),
    ]);
  });

  it("are those that the documentation lists, with its units", async () => {
    start({ timeAll: true });
    await eio.nop();
    const docs = fs.readFileSync(
      path.resolve(import.meta.dirname, "../../../docs/observability.md"),
      "utf8",
    );
    const [, section = ""] = /\n## OpenTelemetry\n([^]*)$/.exec(docs) ?? [];
    const listed = section
      .split("\n")
      .filter((line) => line.startsWith("| `node_eio."))
      .flatMap((line) => {
        const [, names = "", , unit = ""] = line.split("|");
        return (names.match(/[\w.]+/g) ?? []).map(
          (name) => `${name} ${unit.replaceAll("`", "").trim()}`,
        );
      });
    const metrics = await collected();
    expect(listed.toSorted()).toEqual(
      metrics
        .map(({ descriptor: { name, unit } }) => `${name} ${unit}`)
        .toSorted(),
    );
  });

  it("time one request of many by default", async () => {
    start();
    for (let i = 0; i < 4 * SAMPLE_EVERY; i++) await eio.nop();
    const metrics = await collected();
    const of = { "node_eio.op": "nop", "node_eio.backend": "pool" };
    const name = "node_eio.request.duration";
    expect(valueOf<Histogram>(metrics, name, of)!.count).toBe(4);
    expect(valueOf(metrics, "node_eio.request.sampled_every")).toBe(
      SAMPLE_EVERY,
    );
  });

  it("of several instances stay apart by attributes", async () => {
    const bulk = createEio({ backend: "pool", maxParallel: 1 });
    start({ attributes: { of: "app" } });
    start({ attributes: { of: "bulk" } }, bulk);
    await bulk.nop();
    const metrics = await collected();
    await bulk.close();
    const settled = (of: string): number | undefined =>
      valueOf(metrics, "node_eio.requests", {
        ...{ of, "node_eio.op": "nop", "node_eio.result": "ok" },
      });
    expect([settled("app"), settled("bulk")]).toEqual([undefined, 1]);
  });

  it("count what came since the collection before, where that is asked for", async () => {
    const deltas = new PeriodicExportingMetricReader({
      exporter: new InMemoryMetricExporter(AggregationTemporality.DELTA),
    });
    meterProvider = new MeterProvider({ readers: [deltas] });
    start();
    await eio.nop();
    const first = await collected(deltas);
    await Promise.all([eio.nop(), eio.nop()]);
    const second = await collected(deltas);
    await meterProvider.shutdown();
    expect(requests(first, "nop", "ok")).toBe(1);
    expect(requests(second, "nop", "ok")).toBe(2);
  });

  it("say how late the loop was since the collection before, in seconds", async () => {
    start();
    // As long as it takes for such a monitor of the test's own to see that the loop stood still.
    const own = monitorEventLoopDelay({ resolution: 10 });
    own.enable();
    const turns = async (): Promise<void> => {
      const { count } = own;
      while (own.count < count + 3) await new Promise(setImmediate);
    };
    await collected();
    await turns();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    await turns();
    const metrics = await collected();
    own.disable();
    const late = valueOf(metrics, "node_eio.eventloop.delay.max")!;
    expect(late).toBeGreaterThan(0.15);
    expect(late).toBeLessThan(own.max / 1e9 + 0.01);
    expect(valueOf(metrics, "node_eio.eventloop.delay.p50")).toBeLessThan(late);
  });

  it("leave the loop alone where its delay is not wanted", async () => {
    start({ loopDelay: false });
    const names = (await collected()).map(({ descriptor }) => descriptor.name);
    expect(names.join()).not.toContain("eventloop");
    expect(names).toContain("node_eio.request.open");
  });

  it("can be collected when the instance is closed", async () => {
    start();
    await eio.nop();
    await eio.close();
    expect(requests(await collected(), "nop", "ok")).toBe(1);
  });
});

/** A span of the application's, around what it does. */
async function within<T>(name: string, work: () => Promise<T>): Promise<T> {
  const span = tracerProvider.getTracer("app").startSpan(name);
  const context = api.trace.setSpan(api.context.active(), span);
  try {
    return await api.context.with(context, work);
  } finally {
    span.end();
  }
}

/** All that have ended, in the order in which they did. */
async function ended(): Promise<ReadableSpan[]> {
  await tracerProvider.forceFlush();
  return exporter.getFinishedSpans();
}

/** Ours of them. */
const spans = async (): Promise<ReadableSpan[]> =>
  (await ended()).filter(
    ({ instrumentationScope: { name } }) => name === "node-eio",
  );

const seconds = ([s, ns]: api.HrTime): number => s + ns / 1e9;

describe("spans", () => {
  it("are children of the span that is active where the call is made", async () => {
    start({ spans: "all" });
    await Promise.all(
      ["one", "two"].map((name) =>
        within(name, async () => {
          await eio.promises.stat(".");
          // What comes behind the first await has the same parent.
          await eio.promises.readFile("package.json");
        }),
      ),
    );
    const all = await ended();
    for (const name of ["one", "two"]) {
      const parent = all.find((span) => span.name === name)!.spanContext();
      const children = (await spans()).filter(
        ({ parentSpanContext }) => parentSpanContext?.spanId === parent.spanId,
      );
      expect(children.map(({ name }) => name)).toEqual([
        "eio stat",
        "eio slurp",
      ]);
      for (const child of children)
        expect(child.spanContext().traceId).toBe(parent.traceId);
    }
    expect(await spans()).toHaveLength(4);
  });

  it("say what was done, by whom and for how long, and no path", async () => {
    start({ spans: "all", attributes: { of: "app" } });
    await eio.promises.stat("package.json", { priority: 2 });
    const [span] = await spans();
    expect(span!.attributes).toEqual({
      of: "app",
      "node_eio.op": "stat",
      "node_eio.lane": "default",
      "node_eio.priority": 2,
      "node_eio.backend": "pool",
      "node_eio.wait_time": expect.any(Number) as number,
      "node_eio.run_time": expect.any(Number) as number,
    });
    expect(span!.status.code).toBe(api.SpanStatusCode.UNSET);
    expect(span!.parentSpanContext).toBeUndefined();
    const { "node_eio.wait_time": wait, "node_eio.run_time": run } = span!
      .attributes as Record<string, number>;
    const stats = eio.stats().ops.stat!;
    expect(run! / (stats.run!.max / 1000)).toBeCloseTo(1, 1);
    expect(wait! / (stats.wait!.max / 1000)).toBeCloseTo(1, 1);
  });

  it("say paths where that is asked for", async () => {
    start({ spans: "all", paths: true });
    const from = "missing/from";
    await eio.promises.rename(from, "missing/to").catch(() => {});
    expect((await spans())[0]!.attributes).toMatchObject({
      "file.path": from,
      "node_eio.dest": "missing/to",
    });
  });

  it("have the code of the error as their status", async () => {
    start({ spans: "all" });
    await within("caller", () =>
      eio.promises.stat("missing").catch(() => eio.nop()),
    );
    const [failed, done] = await spans();
    expect(failed!.status).toEqual({
      code: api.SpanStatusCode.ERROR,
      message: "ENOENT",
    });
    expect(failed!.attributes["error.type"]).toBe("ENOENT");
    expect(done!.status.code).toBe(api.SpanStatusCode.UNSET);
    expect(done!.attributes["error.type"]).toBeUndefined();
  });

  it("are of this instance alone", async () => {
    const other = createEio({ backend: "pool", maxParallel: 1 });
    start({ spans: "all", attributes: { of: "app" } });
    await other.nop();
    await eio.promises.stat(".");
    start({ spans: "all", attributes: { of: "other" } }, other);
    await other.nop();
    await other.close();
    expect(
      (await spans()).map(({ name, attributes }) => [name, attributes["of"]]),
    ).toEqual([
      ["eio stat", "app"],
      ["eio nop", "other"],
    ]);
  });

  it("are of slow requests by default, from their call to their result", async () => {
    start({ spans: undefined, slowMs: 150 });
    eio.setLimits({ maxParallel: 0 });
    const beganMs = Date.now();
    const slow = within("slow", () =>
      eio.promises.stat("missing").catch(() => {}),
    );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 160);
    eio.setLimits({ maxParallel: 2 });
    await slow;
    const endedMs = Date.now();
    const [span, ...more] = await spans();
    expect(more).toEqual([]);
    expect(span!.name).toBe("eio stat");
    expect(span!.status.message).toBe("ENOENT");
    const parent = (await ended()).find(({ name }) => name === "slow")!;
    expect(span!.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(seconds(span!.duration)).toBeGreaterThanOrEqual(0.16);
    expect(seconds(span!.startTime) * 1000).toBeGreaterThanOrEqual(beganMs - 2);
    expect(seconds(span!.endTime) * 1000).toBeLessThanOrEqual(endedMs + 1);
  });

  it("of slow requests that settle together are each its own caller's", async () => {
    start({ spans: "slow", slowMs: 0 });
    const names = ["one", "two", "three"];
    await Promise.all(
      names.map((name) => within(name, () => eio.promises.stat("."))),
    );
    const parents = (await ended())
      .filter(({ name }) => names.includes(name))
      .map((span) => span.spanContext().spanId);
    const own = (await spans()).map((span) => span.parentSpanContext?.spanId);
    expect(own.toSorted()).toEqual(parents.toSorted());
  });

  it("are none of requests that are not slow", async () => {
    const one = start({ spans: "slow", slowMs: 1e9 });
    await within("fast", () => eio.promises.stat("missing").catch(() => {}));
    one.stop();
    expect(await spans()).toEqual([]);
    expect(subscribed()).toEqual([false, false]);
  });

  it("are none where none are wanted, and then nobody subscribes", async () => {
    start({ spans: false });
    await eio.nop();
    expect(await spans()).toEqual([]);
    expect(subscribed()).toEqual([false, false]);
  });
});

const subscribed = (): boolean[] =>
  ["submitted", "settled"].map((what) =>
    diagnostics.hasSubscribers(`node-eio:request:${what}`),
  );

describe("stop()", () => {
  it("takes metrics, times and spans away, and may be called again", async () => {
    const one = start({ spans: "all", timeAll: true });
    expect(subscribed()).toEqual([true, true]);
    one.stop();
    one.stop();
    expect(subscribed()).toEqual([false, false]);
    expect(eio.stats().sampledEvery).toBe(SAMPLE_EVERY);
    await eio.nop();
    expect(await spans()).toEqual([]);
    for (const { descriptor, dataPoints } of await collected())
      expect(dataPoints, descriptor.name).toEqual([]);
  });

  it("stops looking how late the loop is", async () => {
    const { LoopDelay } = await import("../src/loop-delay.ts");
    const stopped = vi.spyOn(LoopDelay.prototype, "stop");
    start().stop();
    expect(stopped).toHaveBeenCalledTimes(1);
    stopped.mockRestore();
  });

  it("lets the spans end whose requests have been submitted", async () => {
    const one = start({ spans: "all" });
    eio.setLimits({ maxParallel: 0 });
    const open = within("open", () => eio.promises.stat("."));
    one.stop();
    const after = eio.nop();
    expect(subscribed()).toEqual([false, true]);
    eio.setLimits({ maxParallel: 2 });
    await Promise.all([open, after]);
    expect((await spans()).map(({ name }) => name)).toEqual(["eio stat"]);
    expect(subscribed()).toEqual([false, false]);
  });

  it("is what the end of a block does", () => {
    const one = start({ spans: "all" });
    one[Symbol.dispose]();
    expect(subscribed()).toEqual([false, false]);
  });

  it("leaves room for another one", async () => {
    start().stop();
    start();
    await eio.nop();
    expect(requests(await collected(), "nop", "ok")).toBe(1);
  });
});

describe("without options", () => {
  afterEach(() => {
    api.metrics.disable();
    api.trace.disable();
  });

  it("uses the API that is installed, and the providers that are registered with it", async () => {
    api.metrics.setGlobalMeterProvider(meterProvider);
    api.trace.setGlobalTracerProvider(tracerProvider);
    const one = instrument(eio, { slowMs: 0 });
    started.push(one);
    await eio.nop();
    expect(requests(await collected(), "nop", "ok")).toBe(1);
    expect((await spans()).map(({ name }) => name)).toEqual(["eio nop"]);
  });

  it("does no harm where no SDK is", async () => {
    const one = instrument(eio, { spans: "all" });
    await eio.nop();
    one.stop();
    expect(subscribed()).toEqual([false, false]);
  });
});

it("takes a meter and a tracer, before their providers", async () => {
  const meter = meterProvider.getMeter("mine");
  const tracer = tracerProvider.getTracer("mine");
  const none = {} as never;
  const providers = { meterProvider: none, tracerProvider: none };
  start({ ...providers, meter, tracer, spans: "all" });
  await eio.nop();
  const { resourceMetrics } = await reader.collect();
  expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope.name)).toEqual([
    "mine",
  ]);
  expect((await ended()).map((span) => span.instrumentationScope.name)).toEqual(
    ["mine"],
  );
});

it.each([
  ["spans", "some"],
  ["spans", true],
  ["slowMs", -1],
  ["slowMs", "100"],
  ["buckets", [1, 1]],
  ["buckets", 1],
  ["timeAll", 1],
  ["slowMS", 100],
])("refuses %s: %j", (name, value) => {
  expect(() => start({ [name]: value })).toThrow(
    expect.objectContaining({
      code: "ERR_EIO_INVALID_OPTION",
      message: expect.stringContaining(`"${name}"`) as string,
    }) as Error,
  );
  expect(subscribed()).toEqual([false, false]);
});
