// The door for Prometheus, through prom-client: counts, gauges and histograms of an instance in a registry of
// the application's. Counts and gauges are read when somebody scrapes; times come in as requests settle.
import type * as PromClient from "prom-client";
import { eio as shared, type Eio, type OpStats } from "node-eio";
import { checkNames } from "node-eio/internal";
import { laneMeasures, lookAt, measures, onceATurn } from "./measures.ts";
import { peer } from "./peer.ts";
import {
  onTimedSeconds,
  readTimeOptions,
  timeOptionNames,
  wrong,
  type TimeOptions,
} from "./shared-options.ts";

/** What is needed of prom-client. */
export type PrometheusClient = Pick<
  typeof PromClient,
  "Counter" | "Gauge" | "Histogram" | "register"
>;

export interface PrometheusOptions extends TimeOptions {
  /** The prom-client that the application uses; the one that is installed by default. */
  client?: PrometheusClient | undefined;
  /** Where the metrics go; the default registry by default. */
  register?: PromClient.Registry | undefined;
  /** What their names begin with; `node_eio_` by default. */
  prefix?: string | undefined;
  /** Labels of all of them, as `{ instance: "bulk" }`, for several instances under prefixes of their own. */
  labels?: Record<string, string> | undefined;
}

const names = ["client", "register", "prefix", "labels", ...timeOptionNames];

type Count = keyof OpStats & ("submitted" | "settled" | "failed" | "cancelled");
const counts: Record<Count, string> = {
  submitted: "Requests that were submitted.",
  settled: "Requests that have settled, one way or the other.",
  failed: "Requests that failed, without those that were cancelled.",
  cancelled: "Requests that were cancelled.",
};

/** Adds the metrics of an instance; the answer takes them away again. */
export function collect(
  eio: Eio = shared,
  options: PrometheusOptions = {},
): () => void {
  checkNames(options, names);
  const { prefix = "node_eio_", labels = {} } = options;
  const times = readTimeOptions(options);
  if (typeof prefix !== "string" || !/^[a-zA-Z_:][\w:]*$/.test(prefix))
    throw wrong("prefix", "the beginning of a metric's name", prefix);
  const client =
    options.client ?? (peer("prom-client", "prometheus") as PrometheusClient);
  const register = options.register ?? client.register;
  const own = Object.keys(labels);
  const metrics: string[] = [];
  const about = (name: string, help: string, ...labelNames: string[]) => {
    metrics.push(prefix + name);
    return {
      name: prefix + name,
      help,
      labelNames: [...own, ...labelNames],
      registers: [register],
    };
  };
  const now = onceATurn(() => lookAt(eio));
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
    for (const name of metrics) register.removeSingleMetric(name);
  };
  for (const [count, help] of Object.entries(counts))
    new client.Counter({
      ...about(`requests_${count}_total`, help, "op"),
      collect() {
        this.reset();
        for (const [op, stats] of Object.entries(now().stats.ops))
          this.inc({ ...labels, op }, stats[count as Count]);
      },
    });
  for (const { prometheus, help, value } of measures)
    gauge(prometheus, help, [], (gauge) => gauge.set(labels, value(now())));
  for (const { prometheus, help, value } of laneMeasures)
    gauge(prometheus, help, ["lane"], (gauge) => {
      for (const lane of eio.lanes)
        gauge.set({ ...labels, lane: lane.name }, value(lane));
    });
  gauge("backend_info", "1 for the backend in use.", ["backend"], (gauge) =>
    gauge.set({ ...labels, backend: now().stats.backend }, 1),
  );
  const histogram = (name: string, help: string): PromClient.Histogram =>
    new client.Histogram({
      ...about(name, help, "op", "backend"),
      buckets: times.buckets,
    });
  const wait = histogram(
    "wait_seconds",
    "Time that requests waited, of those that were timed.",
  );
  const run = histogram(
    "run_seconds",
    "Time that requests ran, of those that were timed.",
  );
  stop = onTimedSeconds(eio, times, (waited, ran, of) => {
    wait.observe({ ...labels, ...of }, waited);
    run.observe({ ...labels, ...of }, ran);
  });
  return remove;
}
