// A table of text for people: one for each group, a row for each subject. It knows figures, units and
// widths.
import type { Outcome, Row } from "../rows.ts";
import type { Spread } from "../statistics.ts";

/** With a comma between thousands; Intl takes 15 ms to begin. */
const whole = (value: number): string =>
  value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** `1.2 us`, `340 us`, `5.1 ms`: three digits, and the unit that fits. */
export function timeText(ns: number): string {
  const units: [number, string][] = [
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "us"],
    [1, "ns"],
  ];
  const [scale, unit] = units.find(([scale]) => ns >= scale) ?? [1, "ns"];
  const value = ns / scale;
  return `${value < 10 && scale > 1 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

export function rateText(perSecond: number): string {
  return whole(perSecond);
}

export function bandwidthText(bytesPerSecond: number): string {
  const mib = bytesPerSecond / 2 ** 20;
  return mib === 0 ? "-" : mib < 10 ? mib.toFixed(1) : whole(mib);
}

/** Half the way from the lowest to the highest, in percent of the median. */
export function spreadText({ median, min, max }: Spread): string {
  return `${Math.round(((max - min) / 2 / median) * 100)}%`;
}

const columns: [title: string, cell: (row: Row) => string][] = [
  ["ops/s", ({ rate }) => rateText(rate.median)],
  ["+-", ({ rate }) => spreadText(rate)],
  ["MiB/s", ({ bytesPerSecond }) => bandwidthText(bytesPerSecond.median)],
  ["p50", ({ latencyNs }) => timeText(latencyNs["p50"]!.median)],
  ["p90", ({ latencyNs }) => timeText(latencyNs["p90"]!.median)],
  ["p99", ({ latencyNs }) => timeText(latencyNs["p99"]!.median)],
  ["p99.9", ({ latencyNs }) => timeText(latencyNs["p99.9"]!.median)],
  ["user us", ({ cpuUserUs }) => cpuUserUs.median.toFixed(2)],
  ["sys us", ({ cpuSystemUs }) => cpuSystemUs.median.toFixed(2)],
  [
    "loop p99",
    ({ loopDelayNs }) =>
      loopDelayNs === null ? "-" : timeText(loopDelayNs.p99.median),
  ],
  [
    "switches",
    ({ switches }) => (switches === null ? "-" : switches.median.toFixed(3)),
  ],
];

export function tableOf({ title, rows, failed }: Outcome): string {
  const cells = [
    ["", ...columns.map(([title]) => title)],
    ...rows.map((row) => [
      row.subject.name,
      ...columns.map(([, cell]) => cell(row)),
    ]),
  ];
  return [
    title,
    ...aligned(cells).map((line) => `  ${line}`),
    ...failed.map(
      ({ subject, failure }) => `  ${subject.name}: failed: ${failure}`,
    ),
  ].join("\n");
}

/** The first column to the left, the others to the right. */
export function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length)),
  );
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
