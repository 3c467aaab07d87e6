// The Markdown that is made of what bench:wide saved: rows in which this library loses come first, and every figure
// stands beside its conditions. It reads no files and measures nothing.
import { rateText, timeText } from "../../packages/bench/src/output/table.ts";
import {
  median,
  ROUNDS_MIN,
  spread,
  type Comparison,
} from "../../packages/bench/src/statistics.ts";
import {
  judged,
  placings,
  type Placing,
  type Standing,
  type WideReport,
  type WideRow,
} from "./placing.ts";

const standings: Record<Standing, string> = {
  failed: "It failed",
  lost: "It loses",
  level: "The runs are not sure about one of them",
  won: "It wins",
};
/** A copy to such an offset takes so many times as long as the usual one. */
const SLOW_COPY = 2;

export function wideSection(report: WideReport): string {
  const placed = placings(report);
  return [
    "## Beside Node, Bun and C",
    conditions(report),
    ...Object.entries(standings).flatMap(([standing, title]) => {
      const some = placed.filter((placing) => placing.standing === standing);
      if (some.length === 0) return [];
      return [`### ${title}`, ratioTable(report, some)];
    }),
    ...notes(report),
    "### Rates, latencies and processor time",
    figuresTable(placed),
  ].join("\n\n");
}

/** How many rows are won and lost, for who reads no tables. */
export function wideHeadline(report: WideReport): string {
  const placed = placings(report);
  const lines = peersOf(report).map((peer) => {
    const says = placed.flatMap((placing) =>
      judged(placing).flatMap(([name, { says }]) =>
        name === peer ? [says] : [],
      ),
    );
    const count = (value: number) => says.filter((x) => x === value).length;
    return `- ${title(peer)} (${report.runtimes[peer]}): slower in ${count(-1)} of ${says.length}, not sure in ${count(0)}, faster in ${count(1)}.`;
  });
  return [
    `Kinds of work in which node-eio is slower or faster than \`node:fs\` of the same Node, or of Bun (beside it on ${title(report.newest)}):`,
    lines.join("\n"),
    ...lostTable(report, placed),
    `${machineText(report)} Every row with its spread, those that are lost first: [docs/benchmarks.md](docs/benchmarks.md).`,
  ].join("\n\n");
}

/** The rows that are lost, by their ratios alone. */
function lostTable(report: WideReport, placed: Placing[]): string[] {
  const lost = placed.filter(({ standing }) => standing === "lost");
  if (lost.length === 0) return [];
  const peers = peersOf(report);
  const rows = lost.map((placing) => {
    const slower = judged(placing).flatMap(([name, { says }]) =>
      says === -1 ? [name] : [],
    );
    const cells = peers.map((name) => {
      const comparison = placing.ratios[name];
      if (comparison === undefined) return "";
      const text = comparison.ratio.median.toFixed(2);
      if (placing.row.incomparable.includes(name)) return "other work";
      return slower.includes(name) ? `**${text}**` : text;
    });
    return [placing.row.title, ...cells];
  });
  return [
    "The rows that are lost, as times the other's rate:",
    table(["work", ...peers.map((name) => `to ${title(name)}`)], rows),
  ];
}

function peersOf({ runtimes }: WideReport): string[] {
  return Object.keys(runtimes);
}

function machineText({ machine, load }: WideReport): string {
  const { version, system, processors, cpu, memoryGiB, date } = machine;
  return `node-eio ${version}, ${system}, ${processors} x ${cpu}, ${memoryGiB} GiB, load ${load.toFixed(2)} at the start, ${date}.`;
}

function conditions(report: WideReport): string {
  const { runtimes, backends, files, rounds, seconds } = report;
  const versions = Object.entries(runtimes)
    .map(([name, version]) => `${title(name)} (${version})`)
    .join(", ");
  const ran = [...new Set(Object.values(backends))].join(", ");
  return [
    machineText(report),
    `Peers: ${versions}, each with its own \`node:fs/promises\`; node-eio ran on each Node, by its backend ${ran}.`,
    `${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s, in turn, each run in a process of its own; figures are medians, with the lowest and the highest. Trees are 12,000 files in 1,500 folders, one operation a process.`,
    `Single blocks, \`stat\` and 4 KiB files that are read are on ${files.disk}, in the page cache; the rest is on ${files.memory}.`,
    "A ratio is this library's rate to the peer's, round by round, on the same Node; beside Bun and C on the newest. C makes the same calls from two threads that do nothing else, whatever the depth is.",
    alignmentText(report),
  ].join("\n");
}

/** Whether this processor copies slowly to and from memory that does not begin with a page. */
export function alignmentText({ machine, alignment }: WideReport): string {
  if (alignment === null)
    return "How this processor copies by alignment was not measured.";
  const slow = (which: 1 | 2): string => {
    const usual = Math.min(...alignment.map((line) => line[which]));
    const found = alignment.filter((line) => line[which] > SLOW_COPY * usual);
    if (found.length === 0)
      return `no place in a page is slow (${usual.toFixed(0)} us per MiB)`;
    const [first, last] = [found[0]![0], found.at(-1)![0]];
    const place = first === last ? `+${first}` : `+${first} to +${last}`;
    const us = median(found.map((line) => line[which]));
    return `${place} takes ${us.toFixed(0)} us per MiB, the fastest ${usual.toFixed(0)}`;
  };
  return `Memory that does not begin with a page, on this ${machine.cpu}: reads, ${slow(2)}; writes, ${slow(1)}.`;
}

function ratioTable(report: WideReport, placed: Placing[]): string {
  const ours = `eio@${report.newest}`;
  const peers = [...peersOf(report), "limit"].filter((name) =>
    report.rows.some(({ subjects }) => name in subjects),
  );
  const costs = [report.newest, "bun", "limit"].filter((name) =>
    peers.includes(name),
  );
  const titles = [
    "work",
    title(ours),
    ...peers.map((name) => `to ${title(name)}`),
    "CPU us/op",
    ...costs.map((name) => `${title(name)}'s`),
  ];
  const rows = placed.map(({ row, ratios }) => [
    row.title,
    speed(row, ours),
    ...peers.map((name) => ratioText(row, name, ratios[name])),
    ...[ours, ...costs].map((name) => cpu(row, name)),
  ]);
  return table(titles, rows);
}

function ratioText(
  row: WideRow,
  name: string,
  comparison: Comparison | undefined,
): string {
  if (comparison === undefined)
    return row.failed[name] === undefined ? "" : "failed";
  const { ratio, says } = comparison;
  const [middle, min, max] = [ratio.median, ratio.min, ratio.max].map((value) =>
    value.toFixed(value < 10 ? 2 : 1),
  );
  const mark = row.incomparable.includes(name) ? " (other work)" : "";
  return `${middle} (${min} .. ${max})${says === 0 ? ", not sure" : ""}${mark}`;
}

/** A ratio alone; one that the rounds do not tell from 1 is marked. */
export function quickText({ ratio, says }: Comparison): string {
  return `${ratio.median.toFixed(2)}${says === 0 ? " =" : ""}`;
}

function notes(report: WideReport): string[] {
  const marked = report.rows.some(({ incomparable, subjects }) =>
    incomparable.some((name) => name in subjects),
  );
  return [
    ...(report.rounds < ROUNDS_MIN
      ? [
          `Of fewer than ${ROUNDS_MIN} rounds nothing is concluded: no row is sure.`,
        ]
      : []),
    ...(marked
      ? [
          "Other work: Bun does not truncate a file that it writes over; it writes into the old pages and cuts the end, so that a reader may see old and new mixed. Files that are new are the comparison.",
        ]
      : []),
    ...report.leftOut.map(
      ({ name, reason }) => `${title(name)} is left out: ${reason}.`,
    ),
  ];
}

function figuresTable(placed: Placing[]): string {
  const rows = placed.flatMap(({ row }) => [
    ...Object.entries(row.subjects).map(([name, figures]) => [
      row.title,
      title(name),
      speed(row, name),
      range(row, figures.rate),
      timeText(median(figures.p50Us) * 1e3),
      timeText(median(figures.p99Us) * 1e3),
      cpu(row, name),
      figures.loopP99Us === undefined
        ? ""
        : timeText(median(figures.loopP99Us) * 1e3),
    ]),
    ...Object.entries(row.failed).map(([name, reason]) => [
      row.title,
      title(name),
      `failed: ${reason.replaceAll("|", "\\|")}`,
      ...["", "", "", "", ""],
    ]),
  ]);
  return table(
    [
      "work",
      "who",
      "per s",
      "from .. to",
      "p50",
      "p99",
      "CPU us/op",
      "loop p99",
    ],
    rows,
  );
}

/** A rate, or the time that one operation takes. */
function speed(row: WideRow, name: string): string {
  const figures = row.subjects[name];
  if (figures === undefined) return name in row.failed ? "failed" : "";
  return speedText(row, median(figures.rate));
}

function range(row: WideRow, rates: number[]): string {
  const { min, max } = spread(rates);
  const [from, to] = row.once ? [max, min] : [min, max];
  return `${speedText(row, from)} .. ${speedText(row, to)}`;
}

export function speedText({ once }: WideRow, rate: number): string {
  if (once) return timeText(1e9 / rate);
  return rate < 10 ? rate.toFixed(1) : rateText(rate);
}

function cpu(row: WideRow, name: string): string {
  const figures = row.subjects[name];
  if (figures === undefined) return "";
  const us = median(figures.cpuUs);
  return us < 100 ? us.toFixed(1) : rateText(us);
}

/** @param name of a subject, as in `WideRow.subjects` */
export function title(name: string): string {
  if (name.startsWith("eio@")) return `node-eio on ${title(name.slice(4))}`;
  if (name === "bun") return "Bun";
  if (name === "limit") return "C";
  return name.replace(/^node(\d+)$/, "Node $1");
}

function table(titles: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [titles, titles.map(() => "---"), ...rows].map(line).join("\n");
}
