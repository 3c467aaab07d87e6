// The plots: lines over time, and one of how times are distributed. Each is made once for a size and a
// colour scheme, and gets new data with each sample.
import uPlot from "uplot";
import { axis, line } from "@node-eio/page/axis.ts";
import { element, styleValue } from "@node-eio/page/elements.ts";
import { rateShort, timeShort } from "@node-eio/page/units.ts";

const HEIGHT = 220;
const NS_PER_MS = 1e6;
/** As the buckets of a sample are: four to a decade, from 100 ns on. */
const PER_DECADE = 4;
const SMALLEST_MS = 1e-4;

export interface Line {
  name: string;
  colour: string;
  dashed?: boolean;
}

export interface Chart {
  readonly figure: HTMLElement;
  readonly title: HTMLElement;
  /** The first row is of x. */
  fill(rows: (number | null)[][], summary: string): void;
  /** For a new size, or new colours. */
  draw(): void;
}

type Options = Pick<uPlot.Options, "scales" | "axes"> & {
  bars?: boolean;
};

function chart(
  name: string,
  caption: string,
  lines: Line[],
  options: () => Options,
): Chart {
  const holder = element("div", "plot");
  holder.setAttribute("role", "img");
  const title = element("h2", "", name);
  const legend = lines.map(({ name, colour, dashed }) => {
    const swatch = element("span", `swatch ${dashed ? "dash" : "line"}`);
    swatch.style.borderColor = `var(${colour})`;
    return element("li", "", swatch, name);
  });
  const figure = element(
    "figure",
    "card",
    title,
    element("figcaption", "", caption),
    holder,
    element("ul", "legend", ...legend),
  );
  let plot: uPlot | null = null;
  let data = [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData;
  const draw = (): void => {
    plot?.destroy();
    const { bars = false, ...more } = options();
    const series = lines.map(({ name, colour, dashed = false }) => ({
      label: name,
      stroke: styleValue(colour),
      width: 2,
      points: { show: false },
      ...(dashed ? { dash: [6, 4] } : {}),
      ...(bars ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
      ...(bars && !dashed ? { fill: `${styleValue(colour)}33` } : {}),
    }));
    plot = new uPlot(
      {
        width: Math.max(200, holder.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        series: [{}, ...series],
        ...more,
      },
      data,
      holder,
    );
  };
  return {
    figure,
    title,
    draw,
    fill(rows, summary) {
      data = rows as uPlot.AlignedData;
      holder.setAttribute("aria-label", summary);
      plot?.setData(data);
    },
  };
}

const timeAxis = (): uPlot.Axis =>
  axis({
    space: 70,
    incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600],
    values: (_, splits) =>
      splits.map((at) => new Date(at * 1000).toLocaleTimeString("en-GB")),
  });

/** From 0 up, and never so close that nothing looks like much. */
const fromZero =
  (least: number): uPlot.Range.Function =>
  (_, __, max) => [0, Math.max(least, (max ?? 0) * 1.1)];

export const countChart = (
  name: string,
  caption: string,
  lines: Line[],
): Chart =>
  chart(name, caption, lines, () => ({
    scales: { x: { time: false }, y: { range: fromZero(4) } },
    axes: [
      timeAxis(),
      axis({ size: 54, values: (_, splits) => splits.map(rateShort) }),
    ],
  }));

const ms = (value: number): string => timeShort(value * NS_PER_MS);
const isTen = (value: number): boolean =>
  Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
const tens = (_: uPlot, splits: number[]): (number | null)[] =>
  splits.map((at) => (isTen(at) ? at : null));

/** Milliseconds; each step up is ten times more. */
export const timesChart = (
  name: string,
  caption: string,
  lines: Line[],
): Chart =>
  chart(name, caption, lines, () => ({
    scales: {
      x: { time: false },
      y: {
        distr: 3,
        log: 10,
        range: (_, min, max) => [
          10 ** Math.floor(Math.log10(min > 0 ? min : 0.01)),
          10 ** Math.max(-1, Math.ceil(Math.log10((max > 0 ? max : 1) * 1.01))),
        ],
      },
    },
    axes: [
      timeAxis(),
      axis({
        size: 62,
        grid: { ...line(), filter: tens },
        ticks: { ...line(), filter: tens },
        values: (_, splits) => splits.map((at) => (isTen(at) ? ms(at) : "")),
      }),
    ],
  }));

export const delayChart = (
  name: string,
  caption: string,
  lines: Line[],
): Chart =>
  chart(name, caption, lines, () => ({
    scales: { x: { time: false }, y: { range: fromZero(2) } },
    axes: [
      timeAxis(),
      axis({
        size: 62,
        values: (_, splits) => splits.map((at) => (at === 0 ? "0" : ms(at))),
      }),
    ],
  }));

export const spreadChart = (
  name: string,
  caption: string,
  lines: Line[],
): Chart =>
  chart(name, caption, lines, () => ({
    bars: true,
    scales: { x: { time: false }, y: { range: fromZero(0.1) } },
    axes: [
      axis({
        space: 55,
        incrs: [PER_DECADE, 2 * PER_DECADE],
        values: (_, splits) =>
          splits.map((at) => ms(SMALLEST_MS * 10 ** (at / PER_DECADE))),
      }),
      axis({
        size: 54,
        values: (_, splits) =>
          splits.map((share) => `${Math.round(share * 100)}%`),
      }),
    ],
  }));

/** Shares of both over the buckets that either has. */
export function distributionRows(
  wait: Map<number, number>,
  run: Map<number, number>,
): number[][] {
  const places = [...wait.keys(), ...run.keys()];
  if (places.length === 0) return [[], [], []];
  const first = Math.min(...places);
  const last = Math.max(...places) + 1;
  const xs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const shares = (counts: Map<number, number>): number[] => {
    const sum = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return xs.map((x) => (counts.get(x) ?? 0) / Math.max(1, sum));
  };
  return [xs, shares(wait), shares(run)];
}
