// A span for each request, below the span of its caller. The parent is taken when the request is
// submitted, for that runs where the call was made; when it settles that context is gone.
// Run: node examples/opentelemetry.mjs
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createEio } from "node-eio";
import { alone, ended, standIn } from "./tiny-tracer.mjs";

/** The part to take: from here on requests are spans, until the returned function is called. */
function traceRequests({ context, trace, SpanStatusCode }) {
  const tracer = trace.getTracer("node-eio");
  const span = Symbol("span");
  // The event is one object from the first channel to the last, and may be given things to keep.
  const submitted = (event) => {
    const { op, path, fd, lane, priority } = event;
    const attributes = { "eio.op": op, "eio.lane": lane };
    if (path !== undefined) attributes["file.path"] = path;
    if (fd !== undefined) attributes["eio.fd"] = fd;
    if (priority !== 0) attributes["eio.priority"] = priority;
    event[span] = tracer.startSpan(
      `eio ${op}`,
      { attributes },
      context.active(),
    );
  };
  const settled = (event) => {
    // Submitted before anybody listened.
    if (event[span] === undefined) return;
    const { backend, code, runMs, waitMs } = event;
    event[span].setAttributes({
      "eio.backend": backend,
      "eio.wait_ms": waitMs,
      "eio.run_ms": runMs,
    });
    if (code !== undefined) {
      event[span].setAttributes({ "error.type": code });
      event[span].setStatus({ code: SpanStatusCode.ERROR, message: code });
    }
    event[span].end();
  };
  subscribe("node-eio:request:submitted", submitted);
  subscribe("node-eio:request:settled", settled);
  return () => {
    unsubscribe("node-eio:request:submitted", submitted);
    unsubscribe("node-eio:request:settled", settled);
  };
}

// An application has the SDK, which does what the stand-ins do here.
const real = process.argv.includes("--alone")
  ? null
  : await import("@opentelemetry/api").catch(() => null);
const api = real === null ? alone() : standIn(real);
const stop = traceRequests(api);
const eio = createEio();

/** As a server would handle a request: a span of its own, and work in it that waits in between. */
async function handle(name, path) {
  const { context, trace } = api;
  const span = trace.getTracer("app").startSpan(name, {}, context.active());
  await context.with(trace.setSpan(context.active(), span), async () => {
    await eio.promises.stat(path).catch(() => {});
    await eio.nop();
    await eio.promises.readFile(path).catch(() => {});
  });
  span.end();
  return span;
}

const here = import.meta.filename ?? process.argv[1];
const [good, bad] = await Promise.all([
  handle("GET /good", here),
  handle("GET /bad", `${here}.missing`),
]);
stop();
await eio.promises.stat(here);
await eio.close();

const below = (span) =>
  ended.filter(
    ({ parentSpanId }) => parentSpanId === span.spanContext().spanId,
  );
for (const span of [good, bad]) {
  assert.equal(below(span).length, 3);
  for (const child of below(span))
    assert.equal(child.spanContext().traceId, span.spanContext().traceId);
}
assert.deepEqual(
  below(bad).map(({ attributes }) => attributes["error.type"]),
  ["ENOENT", undefined, "ENOENT"],
);
assert.ok(below(good).every(({ status }) => status.code === 0));
assert.ok(below(good)[0].attributes["eio.run_ms"] >= 0);
assert.equal(ended.length, 8);
console.log(
  `ok: 2 traces, 6 requests below their callers (${real === null ? "a tracer of the example's own" : "@opentelemetry/api"})`,
);
