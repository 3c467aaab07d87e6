// The dashboard for Grafana fits what the door for Prometheus exports: it shows no metric or label that is not there, and leaves none out.
// How it looks is not known here.
import fs from "node:fs";
import path from "node:path";
import client from "prom-client";
import { afterAll, expect, it } from "vitest";
import { createEio } from "node-eio";
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

const folder = path.resolve(import.meta.dirname, "..");
const text = fs.readFileSync(path.join(folder, "grafana.json"), "utf8");
const { panels } = JSON.parse(text) as { panels: Panel[] };
const targets = panels.flatMap(({ targets }) => targets);

const eio = createEio({ backend: "pool" });
afterAll(() => eio.close());
const register = new client.Registry();
collect(eio, { client, register });
const exported = await register.getMetricsAsJSON();

/** Without what Prometheus makes of a histogram. */
const metricOf = (name: string): string =>
  name.replace(/_(bucket|count|sum)$/, "");

it("shows only metrics that are exported", () => {
  const names = exported.map(({ name }) => name);
  const shown = [...text.matchAll(/node_eio_\w+/g)].map(([name]) => name);
  expect(shown.length).toBeGreaterThan(names.length);
  for (const name of shown)
    expect(names, name).toContain(names.includes(name) ? name : metricOf(name));
});

it("leaves out no metric", () => {
  const shown = targets.flatMap(
    ({ expr }) => expr.match(/node_eio_\w+/g) ?? [],
  );
  for (const { name } of exported)
    expect(shown.map(metricOf).concat(shown), name).toContain(name);
});

it("takes parts of histograms from histograms alone", () => {
  const histograms = exported
    .filter(({ type }) => String(type) === "histogram")
    .map(({ name }) => name);
  const parts = targets.flatMap(
    ({ expr }) => expr.match(/node_eio_\w+_(?:bucket|count|sum)\b/g) ?? [],
  );
  expect(parts).not.toEqual([]);
  for (const part of parts) expect(histograms).toContain(metricOf(part));
});

it("groups by labels that there are", () => {
  const labels = ["op", "backend", "lane", "le", "instance"];
  const used = targets.flatMap(({ expr, legendFormat }) => [
    ...(expr.match(/(?<=\bby \()[^)]+/g) ?? []).flatMap((one) =>
      one.split(", "),
    ),
    ...(legendFormat.match(/(?<=\{\{)\w+/g) ?? []),
  ]);
  for (const label of used) expect(labels).toContain(label);
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
  expect(files).toContain("grafana.json");
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
  expect(listed.toSorted()).toEqual(
    exported.map(({ name }) => name).toSorted(),
  );
});
