// One picture of what bench:wide saved: each kind of work a row, over sizes, and this library and Bun beside the newest Node on
// one logarithmic axis, as SVG for a light page and for a dark one. It knows figures and reads no files.
import {
  compare,
  type Comparison,
  type Spread,
} from "../../packages/bench/src/statistics.ts";
import { placingOf, type WideReport, type WideRow } from "./placing.ts";
import { title } from "./report.ts";

const WIDTH = 720;
const PLOT = { left: 318, right: 606 };
const HEAD = 58;
const ROW = 17;
const GROUP_GAP = 6;
/** Where a ratio that is further off is drawn at the edge. */
const RATIO = { min: 1 / 8, max: 16 };
const BEYOND = [RATIO.min * 0.88, RATIO.max * 1.14] as const;

interface Mark {
  row: WideRow;
  group: string;
  /** Size and requests in flight. */
  detail: string;
  bytes: number;
  inFlight: number;
  /** To the newest Node, round by round. */
  ours: Comparison;
  bun: Comparison | undefined;
  /** The runs show that Node or, where it does the same work, Bun is faster. */
  slower: boolean;
}

/** Null where no row has this library beside the newest Node. */
export function picture(report: WideReport): string | null {
  const groups = new Map<string, Mark[]>();
  for (const row of report.rows) {
    const mark = markOf(row, report.newest);
    if (mark === null) continue;
    groups.set(mark.group, [...(groups.get(mark.group) ?? []), mark]);
  }
  if (groups.size === 0) return null;
  const parts: string[] = [];
  let y = HEAD;
  for (const marks of groups.values()) {
    marks.sort((a, b) => a.bytes - b.bytes || a.inFlight - b.inFlight);
    for (const [i, mark] of marks.entries()) {
      parts.push(rowAt(mark, y, i === 0));
      y += ROW;
    }
    y += GROUP_GAP;
  }
  const incomparable = [...groups.values()].some((marks) =>
    marks.some(({ row }) => row.incomparable.includes("bun")),
  );
  const notes = [
    ...(incomparable
      ? [
          "Hollow: Bun does other work there; it does not truncate a file that it writes over.",
        ]
      : []),
    "▾: the runs show that one of the two is faster. Lines are the lowest and the highest round.",
  ];
  const bottom = y;
  parts.push(
    ...notes.map(
      (note, i) =>
        `<text class="soft" x="0" y="${bottom + 18 + i * 16}">${note}</text>`,
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 10 + notes.length * 16 + 6}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-labelledby="t d">
<title id="t">Rates of node-eio and Bun to ${title(report.newest)}'s, by work and size</title>
<desc id="d">${escaped(summary([...groups.values()].flat(), report.newest))}</desc>
<style>${STYLE}</style>
${headOf(report, bottom)}
${parts.join("\n")}
</svg>
`;
}

const STYLE = [
  "text{fill:#24292f}.soft{fill:#57606a}.grid{stroke:#d0d7de}.one{stroke:#57606a;stroke-width:1.5}",
  ".ours{fill:#0969da;stroke:#0969da}.bun{fill:#bc4c00;stroke:#bc4c00}.hollow{fill:none}.lost{font-weight:700}.end{text-anchor:end}.mid{text-anchor:middle}",
  "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9da7b1}.grid{stroke:#30363d}.one{stroke:#9da7b1}.ours{fill:#58a6ff;stroke:#58a6ff}.bun{fill:#f0883e;stroke:#f0883e}.hollow{fill:none}}",
].join("");

function markOf(row: WideRow, newest: string): Mark | null {
  const [mine, node, bun] = [`eio@${newest}`, newest, "bun"].map(
    (name) => row.subjects[name]?.rate,
  );
  if (mine === undefined || node === undefined) return null;
  const { ratios } = placingOf(row, newest);
  const ours = ratios[newest]!;
  const beside = row.incomparable.includes("bun") ? undefined : ratios["bun"];
  const [group = "", ...details] = row.title.startsWith("tree: ")
    ? ["trees", row.title.slice("tree: ".length)]
    : row.title.split(", ");
  const [, size = "0", unit = "", inFlight = "1"] =
    /(?:@(\d+)([KM]?i?B))?\/(\d+)$/.exec(row.name) ?? [];
  return {
    row,
    group,
    detail: details.join(", "),
    bytes: Number(size) * (UNITS[unit] ?? 1),
    inFlight: Number(inFlight),
    ours,
    bun: bun === undefined ? undefined : compare(bun, node),
    slower: ours.says === -1 || beside?.says === -1,
  };
}

const UNITS: Record<string, number> = {
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
};

function rowAt(mark: Mark, y: number, first: boolean): string {
  const { row, group, detail, ours, bun, slower } = mark;
  const middle = y + ROW / 2;
  const base = y + 13;
  const lost = slower ? " lost" : "";
  const hollow = row.incomparable.includes("bun") ? " hollow" : "";
  return [
    first
      ? `<text x="0" y="${base}" font-weight="600">${escaped(group)}</text>`
      : "",
    `<text class="soft end" x="${PLOT.left - 22}" y="${base}">${escaped(detail)}</text>`,
    bun === undefined
      ? ""
      : lineOf("bun", bun.ratio, middle) + diamond(bun, middle, hollow),
    lineOf("ours", ours.ratio, middle),
    `<circle class="ours" cx="${at(ours.ratio.median)}" cy="${middle}" r="4"/>`,
    `<text class="end${lost}" x="${WIDTH - 52}" y="${base}">${times(ours.ratio.median)}${slower ? " ▾" : ""}</text>`,
    bun === undefined
      ? ""
      : `<text class="soft end" x="${WIDTH}" y="${base}">${times(bun.ratio.median)}</text>`,
  ].join("");
}

function lineOf(name: string, { min, max }: Spread, y: number): string {
  return `<path class="${name}" d="M${at(min)} ${y}H${at(max)}"/>`;
}

function diamond({ ratio }: Comparison, y: number, hollow: string): string {
  const x = at(ratio.median);
  return `<path class="bun${hollow}" d="M${round(x - 4.5)} ${y}l4.5 -4.5l4.5 4.5l-4.5 4.5z"/>`;
}

function headOf({ newest }: WideReport, bottom: number): string {
  const grid = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16].map((ratio) => {
    const x = at(ratio);
    const text = ratio < 1 ? `1/${1 / ratio}` : String(ratio);
    return `<path class="${ratio === 1 ? "one" : "grid"}" d="M${x} ${HEAD - 6}V${bottom}"/><text class="soft mid" x="${x}" y="${HEAD - 10}">${text}</text>`;
  });
  const node = title(newest);
  return [
    `<text x="0" y="16" font-size="14" font-weight="600">Times the rate of ${node}'s own fs</text>`,
    `<circle class="ours" cx="${PLOT.left + 6}" cy="12" r="4"/><text x="${PLOT.left + 16}" y="16">node-eio on ${node}</text>`,
    `<path class="bun" d="M${PLOT.left + 156} 12l4.5 -4.5l4.5 4.5l-4.5 4.5z"/><text x="${PLOT.left + 171}" y="16">Bun</text>`,
    `<path class="one" d="M${PLOT.left + 218} 5v14"/><text x="${PLOT.left + 227}" y="16">${node}</text>`,
    `<text class="soft end" x="${PLOT.left - 22}" y="${HEAD - 10}">slower ← → faster</text>`,
    `<text class="end" x="${WIDTH - 40}" y="${HEAD - 10}">node-eio</text><text class="soft end" x="${WIDTH}" y="${HEAD - 10}">Bun</text>`,
    ...grid,
  ].join("\n");
}

function summary(marks: Mark[], newest: string): string {
  const lost = marks.filter(({ slower }) => slower);
  const names = lost.map(({ row }) => row.title).join("; ");
  return `Of ${marks.length} kinds of work, ${title(newest)} or Bun is faster than node-eio in ${lost.length}${names && `: ${names}`}.`;
}

function at(ratio: number): number {
  const [least, most] = BEYOND;
  const inside = Math.min(Math.max(ratio, least), most);
  const share =
    Math.log2(inside / RATIO.min) / Math.log2(RATIO.max / RATIO.min);
  return round(PLOT.left + share * (PLOT.right - PLOT.left));
}

const times = (ratio: number): string =>
  ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1);
const round = (value: number): number => Math.round(value * 10) / 10;
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
