// The Markdown of bench:wide and its picture, made of figures that are made up: what is lost comes first, ratios are right, and
// what the rounds do not agree on is called no difference.
import { expect, it } from "vitest";
import {
  placings,
  type Figures,
  type WideReport,
  type WideRow,
} from "../../bench/wide/placing.ts";
import { picture } from "../../bench/wide/picture.ts";
import { wideHeadline, wideSection } from "../../bench/wide/report.ts";

const figures = (...rate: number[]): Figures => ({
  rate,
  cpuUs: rate.map((value) => 1e6 / value),
  p50Us: rate.map(() => 12),
  p99Us: rate.map(() => 3400),
  loopP99Us: rate.map(() => 900),
});

const row = (
  title: string,
  subjects: Record<string, number[]>,
  more: Partial<WideRow> = {},
): WideRow => ({
  name: title,
  title,
  once: false,
  on: "memory",
  incomparable: [],
  subjects: Object.fromEntries(
    Object.entries(subjects).map(([name, rates]) => [name, figures(...rates)]),
  ),
  failed: {},
  ...more,
});

const report = (
  rows: WideRow[],
  more: Partial<WideReport> = {},
): WideReport => ({
  tool: "node-eio bench:wide",
  machine: {
    cpu: "Some Processor",
    processors: 2,
    system: "Linux 6.0",
    memoryGiB: 8,
    version: "0.1.0",
    date: "2026-11-28",
  },
  load: 0.1,
  runtimes: { node26: "26.12.1", bun: "1.4.5", node20: "20.20.2" },
  newest: "node26",
  backends: { node26: "uring" },
  files: { disk: "ext4", memory: "tmpfs" },
  rounds: 3,
  seconds: 1.5,
  alignment: [
    [0, 80, 60],
    [8, 82, 400],
    [64, 81, 61],
  ],
  leftOut: [],
  rows,
  ...more,
});

const won = row("won", {
  "eio@node26": [200, 220, 240],
  node26: [100, 100, 100],
  bun: [150, 160, 170],
});
const lost = row("lost", {
  "eio@node26": [50, 60, 55],
  node26: [100, 100, 100],
  bun: [40, 40, 40],
});
const lostMore = row("lost by more", {
  "eio@node26": [20, 20, 20],
  node26: [10, 10, 10],
  bun: [100, 100, 100],
});
const level = row("level", {
  "eio@node26": [90, 130, 110],
  node26: [100, 100, 100],
  bun: [50, 50, 50],
});

/** The cells of the first table line that begins with a title. */
const cells = (markdown: string, title: string): string[] =>
  markdown
    .split("\n")
    .find((line) => line.startsWith(`| ${title} |`))!
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

it("puts what is lost first, the worst at the top, and what is won last", () => {
  const order = placings(report([won, level, lost, lostMore]));
  expect(order.map(({ row }) => row.title)).toEqual([
    "lost by more",
    "lost",
    "level",
    "won",
  ]);
  const text = wideSection(report([won, level, lost]));
  const at = (part: string): number => text.indexOf(part);
  expect(at("### It loses")).toBeGreaterThan(-1);
  expect(at("### It loses")).toBeLessThan(at("| lost |"));
  expect(at("| lost |")).toBeLessThan(at("| level |"));
  expect(at("| level |")).toBeLessThan(at("### It wins"));
  expect(at("### It wins")).toBeLessThan(at("| won |"));
});

it("shows the median of the rounds' ratios with the lowest and the highest", () => {
  const [, ours, node, bun] = cells(wideSection(report([won])), "won");
  expect([ours, node, bun]).toEqual([
    "220",
    "2.20 (2.00 .. 2.40)",
    "1.38 (1.33 .. 1.41)",
  ]);
});

it("says that it is not sure when the rounds spread wider than it", () => {
  const [, , node] = cells(wideSection(report([level])), "level");
  expect(node).toBe("1.10 (0.90 .. 1.30), not sure");
});

it("concludes nothing from fewer than three rounds", () => {
  const two = row("two", { "eio@node26": [200, 200], node26: [100, 100] });
  const text = wideSection(report([two], { rounds: 2 }));
  expect(placings(report([two]))[0]!.standing).toBe("level");
  expect(text).toContain("Of fewer than 3 rounds nothing is concluded");
});

it("compares with an older Node on that Node, and with Bun and C on the newest", () => {
  const [{ ratios }] = placings(
    report([
      row("all", {
        "eio@node26": [100, 100, 100],
        "eio@node20": [60, 60, 60],
        node20: [20, 20, 20],
        bun: [50, 50, 50],
        limit: [400, 400, 400],
      }),
    ]),
  ) as [ReturnType<typeof placings>[number]];
  const medians = Object.entries(ratios).map(([name, { ratio }]) => [
    name,
    ratio.median,
  ]);
  expect(Object.fromEntries(medians)).toEqual({
    node20: 3,
    bun: 2,
    limit: 0.25,
  });
});

it("lets neither C nor a peer that does other work decide where a row stands", () => {
  const other = row(
    "other",
    {
      "eio@node26": [200, 200, 200],
      node26: [100, 100, 100],
      bun: [400, 400, 400],
      limit: [900, 900, 900],
    },
    { incomparable: ["bun"] },
  );
  const text = wideSection(report([other]));
  expect(placings(report([other]))[0]!.standing).toBe("won");
  expect(cells(text, "other")[3]).toBe("0.50 (0.50 .. 0.50) (other work)");
  expect(text).toContain("Bun does not truncate");
});

it("shows what is done once as a time, the shortest first", () => {
  const tree = row(
    "tree",
    { "eio@node26": [10, 8, 12.5], node26: [5, 5, 5] },
    { once: true },
  );
  const text = wideSection(report([tree]));
  expect(cells(text, "tree")[1]).toBe("100 ms");
  expect(text).toContain("80 ms .. 125 ms");
});

it("puts a row in which this library failed before all others, with the reason", () => {
  const broken = row(
    "broken",
    { node26: [100, 100, 100] },
    { failed: { "eio@node26": "Error: EIO" } },
  );
  const text = wideSection(report([lost, broken]));
  expect(placings(report([lost, broken]))[0]!.row.title).toBe("broken");
  expect(text).toContain("| node-eio on Node 26 | failed: Error: EIO |");
});

it("names its conditions, and where this processor copies slowly", () => {
  const text = wideSection(
    report([won], {
      leftOut: [{ name: "limit", reason: "there is no C compiler" }],
    }),
  );
  for (const part of [
    "2 x Some Processor",
    "Linux 6.0",
    "Node 26 (26.12.1), Bun (1.4.5), Node 20 (20.20.2)",
    "3 rounds of 1.5 s",
    "on ext4, in the page cache; the rest is on tmpfs",
    "reads, +8 takes 400 us per MiB, the fastest 60",
    "writes, no place in a page is slow",
    "C is left out: there is no C compiler.",
  ])
    expect(text).toContain(part);
});

it("counts for README how many rows are lost and won", () => {
  const text = wideHeadline(report([won, level, lost, lostMore]));
  expect(text).toContain(
    "- Node 26 (26.12.1): slower in 1 of 4, not sure in 1, faster in 2.",
  );
  expect(text).toContain("- Bun (1.4.5): slower in 1 of 4");
  expect(text).toContain("docs/benchmarks.md");
});

/** Where the marks of a kind lie from left to right, in the order of the rows. */
const places = (svg: string, mark: RegExp): number[] =>
  [...svg.matchAll(mark)].map(([, x]) => Number(x));
const OURS = /<circle class="ours" cx="([\d.]+)" cy="[\d.]+" r="4"\/>/g;

it("draws a faster row to the right of Node and a slower one to its left", () => {
  const svg = picture(report([won, lost]))!;
  const [, one] = /class="one" d="M([\d.]+) 52/.exec(svg)!;
  const [faster, slower] = places(svg, OURS).slice(1);
  expect(faster).toBeGreaterThan(Number(one));
  expect(slower).toBeLessThan(Number(one));
  expect(svg).toContain(">2.20</text>");
  expect(svg).toMatch(/lost"[^>]*>0\.55 ▾</);
});

it("draws the sizes of a kind of work from the smallest, once named", () => {
  const sized = (size: string) =>
    row(
      `readFile, ${size}, 8 in flight`,
      { "eio@node26": [200, 200, 200], node26: [100, 100, 100] },
      { name: `readFile@${size.replace(" ", "")}/8` },
    );
  const sizes = ["5 MB", "512 B", "100 KB", "4 KiB"];
  const svg = picture(report(sizes.map(sized)))!;
  const drawn = [...svg.matchAll(/>([^<]+), 8 in flight</g)].map(
    ([, size]) => size,
  );
  expect(drawn).toEqual(["512 B", "4 KiB", "100 KB", "5 MB"]);
  expect(svg.match(/>readFile</g)).toHaveLength(1);
});

it("draws Bun hollow where its work is another one, which no row loses to", () => {
  const subjects = {
    "eio@node26": [200, 200, 200],
    node26: [100, 100, 100],
    bun: [300, 300, 300],
  };
  const same = picture(report([row("writes", subjects)]))!;
  const other = picture(
    report([row("writes", subjects, { incomparable: ["bun"] })]),
  )!;
  expect(same).toContain("2.00 ▾");
  expect(same).not.toContain('class="bun hollow"');
  expect(other).not.toContain("2.00 ▾");
  expect(other).toContain('class="bun hollow"');
});

it("keeps what is far off on the picture, and draws none without Node", () => {
  const far = row("reads & <writes>", {
    "eio@node26": [9e9, 9e9, 9e9],
    node26: [1, 1, 1],
    bun: [1e-9, 1e-9, 1e-9],
  });
  const svg = picture(report([far]))!;
  for (const x of places(svg, OURS)) expect(x).toBeLessThan(720);
  expect(svg).toContain("reads &amp; &lt;writes>");
  const alone = row("alone", { "eio@node26": [1, 1, 1] });
  expect(picture(report([alone]))).toBeNull();
});
