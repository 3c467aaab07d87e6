// The dashboards for Grafana fit what the doors export, as Prometheus has it: they show no metric or label that is not there, and leave none out.
// How they look is not known here.
import fs from "node:fs";
import path from "node:path";
import {
  PrometheusExporter,
  PrometheusSerializer,
} from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import client from "prom-client";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "node-eio";
import { instrument } from "../src/opentelemetry.ts";
import { collect } from "../src/prometheus.ts";

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: {
    expr: string;
    legendFormat: string;
    datasource: { uid: string };
  }[];
}

/** A metric as Prometheus has it. */
interface Metric {
  name: string;
  type: string;
  labels: Set<string>;
}

const folder = path.resolve(import.meta.dirname, "..");
const eio = createEio({ backend: "pool" });
afterAll(() => eio.close());

const register = new client.Registry();
collect(eio, { client, register, timeAll: true });

const exporter = new PrometheusExporter({ preventServerStart: true });
const meterProvider = new MeterProvider({ readers: [exporter as never] });
const telemetry = instrument(eio, { meterProvider, spans: false });
afterAll(() => telemetry.stop());

await eio.nop();
await eio.promises.stat("missing").catch(() => {});
const { resourceMetrics } = await exporter.collect();
/** As a process exports them that is scraped itself. */
const scraped = new PrometheusSerializer().serialize(resourceMetrics);
/** The Collector, and Prometheus where it receives OTLP, put the unit behind the name. */
const SUFFIXES: Record<string, string> = { s: "_seconds", By: "_bytes" };
const received = [...scraped.matchAll(/^# UNIT (\w+) (.+)$/gm)].reduce(
  (text, [, name = "", unit = ""]) =>
    text.replaceAll(
      new RegExp(`\\b${name}(?=[{ ]|_(?:bucket|count|sum)\\b)`, "g"),
      name + (SUFFIXES[unit] ?? ""),
    ),
  scraped,
);

const TEXTS = {
  "prom-client": await register.metrics(),
  "OpenTelemetry, scraped": scraped,
  "OpenTelemetry, received": received,
};

/** Of a text in Prometheus's own format. */
function metricsOf(text: string): Metric[] {
  const types = [...text.matchAll(/^# TYPE (node_eio_\w+) (\w+)$/gm)];
  return types.map(([, name = "", type = ""]) => {
    const line = new RegExp(`^${name}(?:_bucket|_count|_sum)?\\{(.*)\\}`, "gm");
    const labels = [...text.matchAll(line)].flatMap(([, labels = ""]) =>
      [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label),
    );
    return { name, type, labels: new Set(labels) };
  });
}

/** Under which names its values are. */
const samplesOf = ({ name, type }: Metric): string[] =>
  type === "histogram"
    ? ["bucket", "count", "sum"].map((part) => `${name}_${part}`)
    : [name];

/** What an expression selects, each by a name or a pattern of names. */
const selectorsOf = (text: string): RegExp[] =>
  [...text.matchAll(/\b(node_eio_\w+)\{|__name__=~"([^"]+)"/g)].map(
    ([, name, pattern]) => new RegExp(`^(?:${name ?? pattern})$`),
  );

describe.each<[dashboard: string, exported: keyof typeof TEXTS]>([
  ["grafana.json", "prom-client"],
  ["grafana-opentelemetry.json", "OpenTelemetry, scraped"],
  ["grafana-opentelemetry.json", "OpenTelemetry, received"],
])("%s, of metrics of %s,", (dashboard, exported) => {
  const metrics = metricsOf(TEXTS[exported]);
  const text = fs.readFileSync(path.join(folder, dashboard), "utf8");
  const { panels } = JSON.parse(text) as { panels: Panel[] };
  const targets = panels.flatMap(({ targets }) => targets);

  it("shows only metrics that are exported", () => {
    const samples = metrics.flatMap(samplesOf);
    const selectors = targets.flatMap(({ expr }) => selectorsOf(expr));
    expect(selectors.length).toBeGreaterThan(metrics.length);
    for (const selector of selectors)
      expect(
        samples.filter((name) => selector.test(name)),
        String(selector),
      ).toHaveLength(1);
    const variables = [...text.matchAll(/label_values\((\w+), /g)];
    expect(variables).not.toEqual([]);
    for (const [, name] of variables) expect(samples).toContain(name);
  });

  it("leaves out no metric", () => {
    const selectors = targets.flatMap(({ expr }) => selectorsOf(expr));
    expect(metrics.length).toBeGreaterThan(10);
    for (const metric of metrics)
      expect(
        samplesOf(metric).some((name) =>
          selectors.some((selector) => selector.test(name)),
        ),
        metric.name,
      ).toBe(true);
  });

  it("takes quantiles from buckets, and shows none by itself", () => {
    const quantiles = targets.filter(({ expr }) => expr.includes("quantile"));
    expect(quantiles).not.toEqual([]);
    for (const { expr } of targets)
      expect(/_bucket\b/.test(expr), expr).toBe(expr.includes("quantile"));
  });

  it("groups by labels that the metric has", () => {
    for (const { expr, legendFormat } of targets) {
      const has = metrics
        .filter((metric) =>
          samplesOf(metric).some((name) =>
            selectorsOf(expr).some((selector) => selector.test(name)),
          ),
        )
        .flatMap(({ labels }) => [...labels]);
      const used = [
        ...(expr.match(/(?<=\bby \()[^)]+/g) ?? []).flatMap((one) =>
          one.split(", "),
        ),
        ...(expr.match(/\bnode_eio_\w+(?==")/g) ?? []),
        ...(legendFormat.match(/(?<=\{\{)\w+/g) ?? []),
      ];
      // Those that Prometheus adds where it scrapes.
      for (const label of used) expect([...has, "instance"]).toContain(label);
    }
  });

  it("has panels of their own places and numbers, on the chosen data source", () => {
    const ids = panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { datasource } of targets)
      expect(datasource.uid).toBe("${datasource}");
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels)
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it("is in the package", () => {
    const { files } = JSON.parse(
      fs.readFileSync(path.join(folder, "package.json"), "utf8"),
    ) as { files: string[] };
    expect(files).toContain(dashboard);
  });
});

it("the metrics that the documentation lists are those that are exported", () => {
  const docs = fs.readFileSync(
    path.resolve(folder, "../../docs/observability.md"),
    "utf8",
  );
  const [, section = ""] = /\n## Prometheus\n([^]*?)\n## /.exec(docs) ?? [];
  const listed = section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => line.split("|")[1]!.match(/\w+/g) ?? [])
    .map((name) => `node_eio_${name}`);
  const names = metricsOf(TEXTS["prom-client"]).map(({ name }) => name);
  expect(listed.toSorted()).toEqual(names.toSorted());
});
