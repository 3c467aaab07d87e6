// The door for Prometheus, through prom-client: counts, gauges and histograms of an instance in a registry of
// the application's. Counts and gauges are read when somebody scrapes; times come in as requests settle.
import { createRequire } from "node:module";
import { inspect } from "node:util";
import type * as PromClient from "prom-client";
import { eio as shared, type Eio, type EioStats, type OpStats } from "node-eio";
import { misuseError, setImmediate } from "node-eio/internal";

/** What is needed of prom-client. */
export type PrometheusClient = Pick<
  typeof PromClient,
  "Counter" | "Gauge" | "Histogram" | "register"
>;

export interface PrometheusOptions {
  /** The prom-client that the application uses; the one that is installed by default. */
  client?: PrometheusClient | undefined;
  /** Where the metrics go; the default registry by default. */
  register?: PromClient.Registry | undefined;
  /** What their names begin with; `node_eio_` by default. */
  prefix?: string | undefined;
  /** Labels of all of them, as `{ instance: "bulk" }`, for several instances under prefixes of their own. */
  labels?: Record<string, string> | undefined;
  /** Upper bounds of the histograms, in seconds. */
  buckets?: number[] | undefined;
  /** Times every request rather than one in 64; no by default. */
  timeAll?: boolean | undefined;
}

/** From 10 µs to 10 s. */
const BUCKETS = [1, 2.5, 5]
  .flatMap((step) => [-5, -4, -3, -2, -1, 0].map((power) => step * 10 ** power))
  .concat(10)
  .sort((a, b) => a - b)
  .map((seconds) => Number(seconds.toPrecision(2)));

const MS_PER_S = 1000;

type Count = keyof OpStats & ("submitted" | "settled" | "failed" | "cancelled");
const counts: Record<Count, string> = {
  submitted: "Requests that were submitted.",
  settled: "Requests that have settled, one way or the other.",
  failed: "Requests that failed, without those that were cancelled.",
  cancelled: "Requests that were cancelled.",
};

const gauges: Record<string, [help: string, value: (s: EioStats) => number]> = {
  requests_open: ["Requests not settled yet.", ({ requests }) => requests],
  requests_ready: ["Requests not begun yet.", ({ ready }) => ready],
  requests_pending: [
    "Requests done and not delivered yet.",
    ({ pending }) => pending,
  ],
  requests_abandoned: [
    "Requests that run on without their callers.",
    ({ abandoned }) => abandoned,
  ],
  workers: ["Workers.", ({ workers }) => workers],
  slots: ["Requests that may be in flight.", ({ slots }) => slots.size],
  slots_used: ["Requests in flight.", ({ slots }) => slots.used],
  arena_bytes: ["Shared memory for data.", ({ arena }) => arena.bytes],
  arena_used_bytes: ["Of it, in use.", ({ arena }) => arena.usedBytes],
  sampled_every: [
    "One in so many requests is timed.",
    ({ sampledEvery }) => sampledEvery,
  ],
};

/** Adds the metrics of an instance; the answer takes them away again. */
export function collect(
  eio: Eio = shared,
  options: PrometheusOptions = {},
): () => void {
  const { prefix = "node_eio_", labels = {}, timeAll = false } = options;
  if (typeof prefix !== "string" || !/^[a-zA-Z_:][\w:]*$/.test(prefix))
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "prefix",
      "the beginning of a metric's name",
      inspect(prefix),
    );
  const client = options.client ?? installed();
  const register = options.register ?? client.register;
  const own = Object.keys(labels);
  const names: string[] = [];
  const about = (name: string, help: string, ...labelNames: string[]) => {
    names.push(prefix + name);
    return {
      name: prefix + name,
      help,
      labelNames: [...own, ...labelNames],
      registers: [register],
    };
  };
  // One look at the instance serves all metrics of a scrape.
  let stats: EioStats | null = null;
  const now = (): EioStats => {
    if (stats === null) {
      stats = eio.stats();
      setImmediate(() => (stats = null));
    }
    return stats;
  };
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    fill: (gauge: PromClient.Gauge) => void,
  ): void => {
    new client.Gauge({
      ...about(name, help, ...labelNames),
      collect() {
        this.reset();
        fill(this);
      },
    });
  };

  let stop = (): void => {};
  const remove = (): void => {
    stop();
    for (const name of names) register.removeSingleMetric(name);
  };
  for (const [count, help] of Object.entries(counts))
    new client.Counter({
      ...about(`requests_${count}_total`, help, "op"),
      collect() {
        this.reset();
        for (const [op, stats] of Object.entries(now().ops))
          this.inc({ ...labels, op }, stats[count as Count]);
      },
    });
  for (const [name, [help, value]] of Object.entries(gauges))
    gauge(name, help, [], (gauge) => gauge.set(labels, value(now())));
  gauge(
    "requests_stuck",
    "Requests that run for longer than stuckAfterMs.",
    [],
    (gauge) => gauge.set(labels, eio.stuck().length),
  );
  gauge("lane_waiting", "Requests that wait in a lane.", ["lane"], (gauge) => {
    for (const { name, waiting } of eio.lanes)
      gauge.set({ ...labels, lane: name }, waiting);
  });
  gauge(
    "lane_in_flight",
    "Requests of a lane in flight.",
    ["lane"],
    (gauge) => {
      for (const { name, inFlight } of eio.lanes)
        gauge.set({ ...labels, lane: name }, inFlight);
    },
  );
  gauge("backend_info", "1 for the backend in use.", ["backend"], (gauge) =>
    gauge.set({ ...labels, backend: now().backend }, 1),
  );
  const histogram = (name: string, help: string): PromClient.Histogram =>
    new client.Histogram({
      ...about(name, help, "op", "backend"),
      buckets: options.buckets ?? BUCKETS,
    });
  const wait = histogram(
    "wait_seconds",
    "Time that requests waited, of those that were timed.",
  );
  const run = histogram(
    "run_seconds",
    "Time that requests ran, of those that were timed.",
  );
  stop = eio.onTimed(
    ({ op, backend, waitMs, runMs }) => {
      wait.observe({ ...labels, op, backend }, waitMs / MS_PER_S);
      run.observe({ ...labels, op, backend }, runMs / MS_PER_S);
    },
    { all: timeAll },
  );
  return remove;
}

/** The application's own, as a program that requires it gets it. */
function installed(): PrometheusClient {
  const require = createRequire(import.meta.url);
  try {
    return require("prom-client") as PrometheusClient;
  } catch (error) {
    throw misuseError(
      "ERR_EIO_INVALID_OPTION",
      "client",
      "the module prom-client, which is not installed",
      (error as Error).message.split("\n", 1)[0]!,
    );
  }
}
