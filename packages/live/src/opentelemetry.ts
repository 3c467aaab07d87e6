// The door for OpenTelemetry, through @opentelemetry/api: metrics of an instance, which are read when somebody collects,
// times as requests settle, and spans of requests. Which SDK is behind the API, and where it sends things, is not known here.
import type * as Api from "@opentelemetry/api";
import { eio as shared, type Eio, type OpStats } from "node-eio";
import { checkNames, packageVersion } from "node-eio/internal";
import { LoopDelay, type Delay } from "./loop-delay.ts";
import {
  laneMeasures,
  lookAt,
  measures,
  MS_PER_S,
  onceATurn,
} from "./measures.ts";
import { peer } from "./peer.ts";
import { traceRequests, type SpanOptions } from "./request-spans.ts";
import {
  onTimedSeconds,
  readTimeOptions,
  timeOptionNames,
  wrong,
  type TimeOptions,
  type Times,
} from "./shared-options.ts";

/** What is needed of @opentelemetry/api. */
export type OpenTelemetryApi = Pick<
  typeof Api,
  "context" | "metrics" | "trace" | "SpanStatusCode"
>;

export interface OpenTelemetryOptions extends TimeOptions {
  /** The @opentelemetry/api that the application uses; the one that is installed by default. */
  api?: OpenTelemetryApi | undefined;
  /** Takes the metrics; one of meterProvider by default. */
  meter?: Api.Meter | undefined;
  /** The one that is registered with the API by default. */
  meterProvider?: Api.MeterProvider | undefined;
  /** Takes the spans; one of tracerProvider by default. */
  tracer?: Api.Tracer | undefined;
  /** The one that is registered with the API by default. */
  tracerProvider?: Api.TracerProvider | undefined;
  /** A span of each request, of those that took slowMs, or none; `"slow"` by default. */
  spans?: "all" | "slow" | false | undefined;
  /** A request is slow that takes so many milliseconds from its call to its result; 100 by default. */
  slowMs?: number | undefined;
  /** Whether spans say which paths, as `file.path`; no by default, for paths may be private. */
  paths?: boolean | undefined;
  /** Attributes of all metrics and spans, as `{ "node_eio.instance": "bulk" }`, which several instances need. */
  attributes?: Api.Attributes | undefined;
  /** Whether the delay of the event loop is measured; yes by default. */
  loopDelay?: boolean | undefined;
}

const names = [
  ...["api", "meter", "meterProvider", "tracer", "tracerProvider"],
  ...["spans", "slowMs", "paths", "attributes", "loopDelay"],
  ...timeOptionNames,
];

/** What an instance is observed by. */
export interface Instrumentation {
  /** Takes everything away again: no more metrics, and no spans of requests that are submitted from here on. */
  stop(): void;
  [Symbol.dispose](): void;
}

const SCOPE = "node-eio";
const PREFIX = "node_eio.";
const SLOW_MS = 100;

/** How a request may end, and how many of an op did. */
const results: Record<string, (stats: OpStats) => number> = {
  ok: ({ settled, failed, cancelled }) => settled - failed - cancelled,
  failed: ({ failed }) => failed,
  cancelled: ({ cancelled }) => cancelled,
};

const delays: (keyof Delay)[] = ["p50", "p99", "max"];

/** Registers the metrics of an instance, and makes spans of its requests, until it is stopped. Call it when the SDK has been started. */
export function instrument(
  eio: Eio = shared,
  options: OpenTelemetryOptions = {},
): Instrumentation {
  const { spans, slowMs, paths = false, attributes = {} } = checked(options);
  const times = readTimeOptions(options);
  const api =
    options.api ??
    (peer("@opentelemetry/api", "opentelemetry") as OpenTelemetryApi);
  const meter =
    options.meter ??
    (options.meterProvider ?? api.metrics).getMeter(SCOPE, packageVersion());
  const stops = [
    observe(eio, meter, attributes, options.loopDelay ?? true),
    recordTimes(eio, meter, attributes, times),
  ];
  if (spans !== false) {
    const tracer =
      options.tracer ??
      (options.tracerProvider ?? api.trace).getTracer(SCOPE, packageVersion());
    const made = { spans, slowMs, paths, attributes };
    stops.push(traceRequests(eio, api, tracer, made));
  }
  const stop = (): void => {
    for (const one of stops.splice(0)) one();
  };
  return { stop, [Symbol.dispose]: stop };
}

/** What is read when somebody collects: one look serves all of it. */
function observe(
  eio: Eio,
  meter: Api.Meter,
  own: Api.Attributes,
  loopDelay: boolean,
): () => void {
  const observers: [Api.Observable, (fill: Fill) => void][] = [];
  const add = (
    kind: "Counter" | "UpDownCounter" | "Gauge",
    name: string,
    unit: string,
    description: string,
    observed: (fill: Fill) => void,
  ): void => {
    const about = { unit, description };
    const instrument = meter[`createObservable${kind}`](PREFIX + name, about);
    observers.push([instrument, observed]);
  };
  const look = onceATurn(() => lookAt(eio));
  const kindOf = ({ adds }: { adds: boolean }) =>
    adds ? "UpDownCounter" : "Gauge";

  add(
    "Counter",
    "requests",
    "{request}",
    "Requests that have settled, by how.",
    (fill) => {
      for (const [op, stats] of Object.entries(look().stats.ops))
        for (const [result, count] of Object.entries(results))
          fill(count(stats), { op, result });
    },
  );
  for (const measure of measures) {
    const { openTelemetry, unit, help, value } = measure;
    add(kindOf(measure), openTelemetry, unit, help, (fill) =>
      fill(value(look())),
    );
  }
  for (const measure of laneMeasures) {
    const { openTelemetry, unit, help, value } = measure;
    add(kindOf(measure), openTelemetry, unit, help, (fill) => {
      for (const lane of eio.lanes) fill(value(lane), { lane: lane.name });
    });
  }
  const loop = loopDelay ? new LoopDelay() : null;
  if (loop !== null) {
    const delay = onceATurn(() => loop.take());
    for (const which of delays)
      add(
        "Gauge",
        `eventloop.delay.${which}`,
        "s",
        `How late the event loop was (${which}), since it was last collected.`,
        (fill) => fill(delay()[which] / MS_PER_S),
      );
  }

  const instruments = observers.map(([instrument]) => instrument);
  const collect: Api.BatchObservableCallback = (result) => {
    for (const [instrument, observed] of observers)
      observed((value, more = {}) =>
        result.observe(instrument, value, { ...own, ...named(more) }),
      );
  };
  meter.addBatchObservableCallback(collect, instruments);
  return () => {
    meter.removeBatchObservableCallback(collect, instruments);
    loop?.stop();
  };
}

type Fill = (value: number, attributes?: Record<string, string>) => void;

/** By their names outside of here. */
const named = (attributes: Record<string, string>): Api.Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [PREFIX + name, value]),
  );

/** Times of those requests that are timed. */
function recordTimes(
  eio: Eio,
  meter: Api.Meter,
  own: Api.Attributes,
  times: Times,
): () => void {
  const histogram = (name: string, description: string): Api.Histogram =>
    meter.createHistogram(`${PREFIX}request.${name}`, {
      unit: "s",
      description: `${description}, of those that were timed.`,
      advice: { explicitBucketBoundaries: times.buckets },
    });
  const whole = histogram("duration", "Time from the call to the result");
  const wait = histogram("wait_time", "Time that requests waited");
  const run = histogram("run_time", "Time that requests ran");
  const attributesOf = remembered((op, backend) => ({
    ...own,
    ...named({ op, backend }),
  }));
  return onTimedSeconds(eio, times, (waited, ran, { op, backend }) => {
    const attributes = attributesOf(op, backend);
    whole.record(waited + ran, attributes);
    wait.record(waited, attributes);
    run.record(ran, attributes);
  });
}

/** One object for each pair of names. */
function remembered<T>(
  make: (a: string, b: string) => T,
): (a: string, b: string) => T {
  const all = new Map<string, Map<string, T>>();
  return (a, b) => {
    let of = all.get(a);
    if (of === undefined) all.set(a, (of = new Map()));
    let value = of.get(b);
    if (value === undefined) of.set(b, (value = make(a, b)));
    return value;
  };
}

function checked(
  options: OpenTelemetryOptions,
): OpenTelemetryOptions & Pick<SpanOptions, "slowMs"> & { spans: Spans } {
  checkNames(options, names);
  const { spans = "slow", slowMs = SLOW_MS } = options;
  if (!([false, "all", "slow"] as unknown[]).includes(spans))
    throw wrong("spans", '"all", "slow" or false', spans);
  if (typeof slowMs !== "number" || !(slowMs >= 0))
    throw wrong("slowMs", "a number of milliseconds", slowMs);
  return { ...options, spans, slowMs };
}

type Spans = SpanOptions["spans"] | false;
