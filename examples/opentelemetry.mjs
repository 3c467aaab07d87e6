// Metrics and spans for OpenTelemetry: what waits and how long it took, and a span of each request below its caller's. An application
// starts an SDK that sends both somewhere (@opentelemetry/sdk-node, say); here they stay in memory, to be looked at.
// Run: node examples/opentelemetry.mjs
import assert from "node:assert/strict";
import { context, metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import * as sdkMetrics from "@opentelemetry/sdk-metrics";
import * as sdkTrace from "@opentelemetry/sdk-trace-base";
import { createEio } from "node-eio";
import { instrument } from "node-eio/opentelemetry";

const spans = new sdkTrace.InMemorySpanExporter();
const tracerProvider = new sdkTrace.BasicTracerProvider({
  spanProcessors: [new sdkTrace.SimpleSpanProcessor(spans)],
});
const collected = new sdkMetrics.InMemoryMetricExporter(
  sdkMetrics.AggregationTemporality.CUMULATIVE,
);
const meterProvider = new sdkMetrics.MeterProvider({
  readers: [
    new sdkMetrics.PeriodicExportingMetricReader({ exporter: collected }),
  ],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(tracerProvider);
metrics.setGlobalMeterProvider(meterProvider);

// From here on, until stop(): what is registered with the API takes it.
const eio = createEio();
const telemetry = instrument(eio, { spans: "all" });

/** As a server would handle a request: a span of its own, and work in it that waits in between. */
const handle = (name, path) =>
  trace.getTracer("app").startActiveSpan(name, async (span) => {
    await eio.promises.stat(path).catch(() => {});
    await eio.nop();
    await eio.promises.readFile(path).catch(() => {});
    span.end();
    return span.spanContext();
  });

const here = import.meta.filename ?? process.argv[1];
const [good, bad] = await Promise.all([
  handle("GET /good", here),
  handle("GET /bad", `${here}.missing`),
]);
await meterProvider.forceFlush();
telemetry.stop();
await eio.promises.stat(here);
await eio.close();
await tracerProvider.forceFlush();

const ended = spans.getFinishedSpans();
const below = ({ traceId, spanId }) =>
  ended.filter(
    (span) =>
      span.parentSpanContext?.spanId === spanId &&
      span.spanContext().traceId === traceId,
  );
assert.equal(ended.length, 8);
assert.deepEqual([below(good).length, below(bad).length], [3, 3]);
assert.deepEqual(
  below(bad).map(({ attributes }) => attributes["error.type"]),
  ["ENOENT", undefined, "ENOENT"],
);
assert.ok(
  below(good).every(({ status }) => status.code !== SpanStatusCode.ERROR),
);

const [requests] = collected
  .getMetrics()
  .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics))
  .filter(({ descriptor }) => descriptor.name === "node_eio.requests");
const failed = requests.dataPoints
  .filter(({ attributes }) => attributes["node_eio.result"] === "failed")
  .reduce((sum, { value }) => sum + value, 0);
assert.equal(failed, 2);
console.log(
  `ok: 2 traces, 6 requests below their callers, ${failed} of which failed by the metrics`,
);
await meterProvider.shutdown();
