// The live page in a browser: figures, plots and tables that follow the stream of samples. It requests that
// stream and for nothing else.
import plotStyle from "uplot/dist/uPlot.min.css";
import baseStyle from "@node-eio/page/base.css";
import { element } from "@node-eio/page/elements.ts";
import { rateShort } from "@node-eio/page/units.ts";
import type { Hello, LiveSample } from "../sample.ts";
import {
  countChart,
  delayChart,
  distributionRows,
  spreadChart,
  timesChart,
} from "./charts.ts";
import pageStyle from "./page.css";
import {
  backendHeads,
  backendRows,
  groupHeads,
  groupRows,
  msText,
  opHeads,
  opRows,
  stuckHeads,
  stuckRows,
  table,
} from "./tables.ts";
import { Tiles } from "./tiles.ts";
import { ALL, countOf, Seen, SEEN_MAX } from "./window.ts";

// Not as an element: the page's policy allows no styles but those of its own script.
const sheet = new CSSStyleSheet();
sheet.replaceSync(plotStyle + baseStyle + pageStyle);
document.adoptedStyleSheets = [sheet];

const seen = new Seen();
let hello: Hello | null = null;
let paused = false;
/** Came while the page stood still. */
let late: LiveSample[] = [];
let samples = 0;
const tiles = new Tiles();
const facts = element("p", "soft");
const state = element("span", "state", "connecting");
state.setAttribute("role", "status");
const pause = element("button", "", "Pause");
pause.type = "button";
const chosen = element("select");
chosen.append(new Option("all operations", ALL));

const rates = countChart("Rate", "Requests that settled, a second.", [
  { name: "settled", colour: "--c0" },
  { name: "failed", colour: "--c1", dashed: true },
]);
const queue = countChart("Queue", "Of the whole instance.", [
  { name: "open requests", colour: "--c0" },
  { name: "not begun", colour: "--c3", dashed: true },
  { name: "workers", colour: "--c5" },
]);
const percentiles = (
  [
    ["wait", "Wait", "From the call to its end, without the time it ran."],
    ["run", "Run", "While a worker or the kernel ran it."],
  ] as const
).map(([kind, name, caption]) => ({
  kind,
  chart: timesChart(name, caption, [
    { name: "p50", colour: "--c0" },
    { name: "p99", colour: "--c1", dashed: true },
  ]),
}));
const spread = spreadChart(
  "How long they took",
  "Shares of the requests of the last minute, by time.",
  [
    { name: "run", colour: "--c0" },
    { name: "wait", colour: "--c1", dashed: true },
  ],
);
const loop = delayChart(
  "Delay of the event loop",
  "How late its timers were.",
  [
    { name: "p99", colour: "--c0" },
    { name: "longest", colour: "--c1", dashed: true },
  ],
);
const charts = [
  rates,
  queue,
  ...percentiles.map(({ chart }) => chart),
  spread,
  loop,
];

const ops = table(
  "Operations",
  "Times are of the latest sample that has some; rates of the last minute.",
  opHeads,
);
const groups = table(
  "Backends and lanes at work",
  "Since the instance was made, of the requests that were timed.",
  groupHeads,
);
const backends = table(
  "Backends of this machine",
  "Which there are, and why the others are not.",
  backendHeads,
);
const stuck = table(
  "Stuck operations",
  "They have been running for too long.",
  stuckHeads,
);
stuck.card.classList.add("stuck");
for (const { card } of [ops, groups, backends, stuck]) card.hidden = true;

function say(kind: "live" | "lost" | "paused" | "connecting"): void {
  if (state.dataset["state"] === kind) return;
  state.dataset["state"] = kind;
  state.textContent = kind === "lost" ? "no connection, trying again" : kind;
}

function refill(): void {
  const { last, times } = seen;
  if (hello === null || last === undefined) return;
  tiles.fill(hello, seen);
  const op = chosen.value;
  const settled = seen.rates((sample) => countOf(sample, op, "settled"));
  const failed = seen.rates((sample) => countOf(sample, op, "failed"));
  rates.fill(
    [times, settled, failed],
    `${rateShort(settled.at(-1) ?? 0)} requests settled a second, ${rateShort(failed.at(-1) ?? 0)} failed`,
  );
  queue.fill(
    [
      times,
      seen.samples.map(({ requests }) => requests),
      seen.samples.map(({ ready }) => ready),
      seen.samples.map(({ workers }) => workers),
    ],
    `${last.requests} open requests, ${last.ready} not begun, ${last.workers} workers`,
  );
  for (const { kind, chart } of percentiles) {
    const spreads = seen.spreads(op, kind);
    const now = spreads.at(-1);
    chart.fill(
      [
        times,
        spreads.map((one) => one?.p50 ?? null),
        spreads.map((one) => one?.p99 ?? null),
      ],
      `${kind}: p50 ${msText(now?.p50)}, p99 ${msText(now?.p99)}`,
    );
  }
  const runs = seen.distribution(op, "run");
  spread.fill(
    distributionRows(runs, seen.distribution(op, "wait")),
    `distribution of run and wait times; the table of operations has the percentiles`,
  );
  loop.fill(
    [
      times,
      seen.samples.map((sample) => sample.loop.p99),
      seen.samples.map((sample) => sample.loop.max),
    ],
    `delay of the event loop: p99 ${msText(last.loop.p99)}, longest ${msText(last.loop.max)}`,
  );
  ops.fill(opRows(seen));
  groups.fill(groupRows(last));
  stuck.fill(stuckRows(last.stuck));
  offer(Object.keys(last.ops));
}

/** Ops are offered once they were used. */
function offer(names: string[]): void {
  const known = [...chosen.options].map(({ value }) => value);
  for (const name of names.sort())
    if (!known.includes(name)) chosen.append(new Option(name, name));
}

function begin(message: Hello): void {
  hello = message;
  const { version, node, pid, backend, history } = message;
  facts.textContent = `node-eio ${version}, Node ${node}, process ${pid}, backend ${backend}`;
  seen.begin(history);
  backends.fill(backendRows(message));
  late = [];
  say(paused ? "paused" : "live");
  refill();
}

const label = element("label", "", "Rates and times of ", chosen);
document.body.replaceChildren(
  element(
    "main",
    "",
    element("header", "", element("h1", "", "node-eio live"), state, pause),
    facts,
    tiles.list,
    stuck.card,
    element("div", "controls", label),
    element("div", "grid", ...charts.map(({ figure }) => figure)),
    ops.card,
    groups.card,
    backends.card,
  ),
);
const draw = (): void => charts.forEach((chart) => chart.draw());
draw();

pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  pause.setAttribute("aria-pressed", String(paused));
  say(paused ? "paused" : "live");
  if (paused) return;
  late.forEach((sample) => seen.add(sample));
  late = [];
  refill();
});
chosen.addEventListener("change", refill);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  draw();
});

const stream = new EventSource(
  `${location.pathname.replace(/\/$/, "")}/events`,
);
stream.addEventListener("hello", ({ data }: MessageEvent<string>) =>
  begin(JSON.parse(data) as Hello),
);
stream.addEventListener("sample", ({ data }: MessageEvent<string>) => {
  const sample = JSON.parse(data) as LiveSample;
  document.documentElement.dataset["samples"] = String(++samples);
  if (paused) {
    late.push(sample);
    if (late.length > SEEN_MAX) late.shift();
    return;
  }
  seen.add(sample);
  refill();
});
stream.addEventListener("error", () => say("lost"));
