// The plots with axes: how latencies are distributed, rate against depth, and throughput against size. They are drawn anew
// for another size or another colour scheme.
import uPlot from "uplot";
import type { Outcome, Row } from "../rows.ts";
import { axis, line } from "@node-eio/page/axis.ts";
import { rateShort, sizeShort, timeShort } from "@node-eio/page/units.ts";
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
          label: "time of one operation",
          grid: { ...line(), filter: powersOfTen },
          ticks: { ...line(), filter: powersOfTen },
          values: (_, splits) =>
            splits.map((ns) => (isPowerOfTen(ns) ? timeShort(ns) : "")),
        }),
        axis({
          label: "share that took no longer",
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
  return drawSteps(holder, outcomes, colours, {
    label: "operations in flight",
    steps: outcomes.map(({ draft }) => String(draft.depth)),
    unit: "operations a second",
    value: ({ rate }) => rate.median,
    text: rateShort,
  });
}

export function drawSizes(
  holder: HTMLElement,
  outcomes: Outcome[],
  colours: Colours,
): uPlot {
  return drawSteps(holder, outcomes, colours, {
    label: "bytes of one operation",
    steps: outcomes.map(({ draft }) => sizeShort(draft.blockBytes)),
    unit: "bytes a second",
    value: ({ bytesPerSecond }) => bytesPerSecond.median,
    text: (bytes) => `${sizeShort(bytes)}/s`,
    incrs: Array.from({ length: POWERS_OF_TWO }, (_, power) => 2 ** power),
  });
}

const POWERS_OF_TWO = 50;

/** Steps are not evenly spread: each has a place of its own. */
function drawSteps(
  holder: HTMLElement,
  outcomes: Outcome[],
  colours: Colours,
  what: {
    label: string;
    steps: string[];
    unit: string;
    value(row: Row): number;
    text(value: number): string;
    /** Steps of the axis, where round numbers are not the usual ones. */
    incrs?: number[];
  },
): uPlot {
  const names = [
    ...new Set(
      outcomes.flatMap(({ rows }) => rows.map(({ subject }) => subject.name)),
    ),
  ];
  const lines = names.map((name) =>
    outcomes.map(({ rows }) => {
      const row = rows.find(({ subject }) => subject.name === name);
      return row === undefined ? null : what.value(row);
    }),
  );
  const places = what.steps.map((_, i) => i);
  return new uPlot(
    {
      ...common(holder),
      scales: {
        x: { time: false, range: [-0.3, places.length - 0.7] },
        y: { range: (_, __, max) => [0, max * 1.08] },
      },
      axes: [
        axis({
          label: what.label,
          splits: () => places,
          values: () => what.steps,
        }),
        axis({
          label: what.unit,
          size: 88,
          ...(what.incrs === undefined ? {} : { incrs: what.incrs }),
          values: (_, splits) => splits.map(what.text),
        }),
      ],
      series: [{}, ...names.map((name) => series(name, colours, true))],
    },
    [places, ...lines] as uPlot.AlignedData,
    holder,
  );
}
