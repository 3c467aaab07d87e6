// The two plots with axes: how latencies are distributed, and rate against depth. They are drawn anew
// for another size or another colour scheme.
import uPlot from "uplot";
import type { Outcome } from "../rows.ts";
import { axis, line } from "@node-eio/page/axis.ts";
import { rateShort, timeShort } from "@node-eio/page/units.ts";
import type { Colours } from "./colours.ts";

const HEIGHT = 300;
/** One in a hundred thousand: beyond it there are too few to draw. */
const NINES_MAX = 5;

const common = (holder: HTMLElement) => ({
  width: Math.max(200, holder.clientWidth),
  height: HEIGHT,
  legend: { show: false },
  cursor: { drag: { x: false, y: false } },
});

/** Nodes's own and other programs are dashed: not everybody can tell colours apart. */
const dash = (name: string): number[] | undefined =>
  name.startsWith("node:")
    ? [6, 4]
    : name.startsWith("fio") || name.startsWith("bun")
      ? [2, 3]
      : undefined;

function series(name: string, colours: Colours, points: boolean): uPlot.Series {
  const line = dash(name);
  return {
    label: name,
    stroke: colours.value(name),
    width: 2,
    spanGaps: true,
    points: { show: points, size: 7, fill: colours.value(name) },
    ...(line === undefined ? {} : { dash: line }),
  };
}

/** `tail` stretches what few operations meet: each step up is ten times fewer. */
export function drawCdf(
  holder: HTMLElement,
  { rows }: Outcome,
  colours: Colours,
  tail: boolean,
): uPlot {
  const place = (share: number): number =>
    tail ? Math.min(NINES_MAX, -Math.log10(Math.max(1 - share, 1e-9))) : share;
  const tables = rows.map(
    ({ cdf }) =>
      [
        cdf.map(([ns]) => ns),
        cdf.map(([, share]) => place(share)),
      ] as uPlot.AlignedData,
  );
  const shares = [0, 1, 2, 3, 4, 5];
  return new uPlot(
    {
      ...common(holder),
      scales: {
        x: { time: false, distr: 3, log: 10 },
        y: { range: tail ? [0, NINES_MAX] : [0, 1] },
      },
      axes: [
        axis({
          label: "latency",
          grid: { ...line(), filter: powersOfTen },
          ticks: { ...line(), filter: powersOfTen },
          values: (_, splits) =>
            splits.map((ns) => (isPowerOfTen(ns) ? timeShort(ns) : "")),
        }),
        axis({
          label: "operations that took no longer",
          size: tail ? 76 : 62,
          ...(tail ? { splits: () => shares } : {}),
          values: (_, splits) =>
            splits.map((at) => (tail ? nines(at) : `${Math.round(at * 100)}%`)),
        }),
      ],
      series: [
        {},
        ...rows.map(({ subject }) => series(subject.name, colours, false)),
      ],
    },
    uPlot.join(tables),
    holder,
  );
}

const isPowerOfTen = (value: number): boolean => Math.log10(value) % 1 === 0;
const powersOfTen = (_: uPlot, splits: number[]): (number | null)[] =>
  splits.map((at) => (isPowerOfTen(at) ? at : null));
const nines = (count: number): string =>
  count === 0
    ? "0%"
    : `${(100 - 10 ** (2 - count)).toFixed(Math.max(0, count - 2))}%`;

export function drawRates(
  holder: HTMLElement,
  outcomes: Outcome[],
  colours: Colours,
): uPlot {
  const depths = outcomes.map(({ draft }) => draft.depth);
  const names = [
    ...new Set(
      outcomes.flatMap(({ rows }) => rows.map(({ subject }) => subject.name)),
    ),
  ];
  const rates = names.map((name) =>
    outcomes.map(
      ({ rows }) =>
        rows.find(({ subject }) => subject.name === name)?.rate.median ?? null,
    ),
  );
  const places = depths.map((_, i) => i);
  return new uPlot(
    {
      ...common(holder),
      // Depths are not evenly spread: each has a place of its own.
      scales: {
        x: { time: false, range: [-0.3, depths.length - 0.7] },
        y: { range: (_, __, max) => [0, max * 1.08] },
      },
      axes: [
        axis({
          label: "in flight",
          splits: () => places,
          values: () => depths.map(String),
        }),
        axis({
          label: "operations a second",
          size: 62,
          values: (_, splits) => splits.map(rateShort),
        }),
      ],
      series: [{}, ...names.map((name) => series(name, colours, true))],
    },
    [places, ...rates] as uPlot.AlignedData,
    holder,
  );
}
