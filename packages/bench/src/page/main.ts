// The report in a browser: what was measured, as pictures that can be chosen from, and tables below them.
// Everything comes from the report that the page carries; it requests nothing from a network.
import type uPlot from "uplot";
import plotStyle from "uplot/dist/uPlot.min.css";
import type { Report } from "../report.ts";
import type { Outcome, Row } from "../rows.ts";
import { bars } from "./bars.ts";
import baseStyle from "@node-eio/page/base.css";
import { element } from "@node-eio/page/elements.ts";
import { digits, rateShort, timeShort } from "@node-eio/page/units.ts";
import { Colours } from "./colours.ts";
import pageStyle from "./page.css";
import { drawCdf, drawRates } from "./plots.ts";

const report = JSON.parse(
  document.getElementById("report")!.textContent!,
) as Report;
const { outcomes, verdicts, machine, notes } = report;
const colours = new Colours(
  outcomes.flatMap(({ rows }) => rows.map(({ subject }) => subject.name)),
);
document.head.append(element("style", "", plotStyle + baseStyle + pageStyle));

/** What is the same but for its depth belongs to one line of the picture. */
const familyOf = ({ title, draft }: Outcome): string =>
  title.replace(` at depth ${draft.depth}`, "");
const families = [...new Set(outcomes.map(familyOf))];

const family = element("select");
family.append(...families.map((name) => element("option", "", name)));
const depth = element("select");
const tail = element("input");
tail.type = "checkbox";
const picture = element("div", "");
let drawn: uPlot[] = [];

const ofFamily = (): Outcome[] =>
  outcomes.filter((one) => familyOf(one) === family.value);
function chosen(): Outcome | undefined {
  return ofFamily().find(({ draft }) => String(draft.depth) === depth.value);
}

function fillDepths(): void {
  const before = depth.value;
  const depths = ofFamily().map(({ draft }) => String(draft.depth));
  depth.replaceChildren(...depths.map((name) => element("option", "", name)));
  depth.value = depths.includes(before) ? before : depths.at(-1)!;
}

function card(title: string, caption: string, ...content: Node[]): HTMLElement {
  return element(
    "figure",
    "card",
    element("h2", "", title),
    ...content,
    element("figcaption", "", caption),
  );
}

function legend(names: string[]): HTMLElement {
  return element(
    "ul",
    "legend",
    ...names.map((name) => element("li", "", colours.swatch(name), name)),
  );
}

function draw(): void {
  drawn.forEach((plot) => plot.destroy());
  drawn = [];
  const outcome = chosen();
  if (outcome === undefined) return;
  const { rows, title } = outcome;
  const names = rows.map(({ subject }) => subject.name);
  const cdf = element("div", "plot");
  const rates = element("div", "plot");
  const looped = rows.filter(({ loopDelayNs }) => loopDelayNs !== null);
  picture.replaceChildren(
    element(
      "div",
      "grid",
      card(
        "Latencies",
        `${title}. Further left is quicker; dashed: Node's own, dotted: other programs.`,
        cdf,
        legend(names),
      ),
      card(
        "Rate against depth",
        `${family.value}. Medians of ${report.rounds} rounds.`,
        rates,
        legend(names),
      ),
      card(
        "Rate",
        `${title}. Operations a second; the line goes from the lowest to the highest round.`,
        bars(rows.map(rateBar), colours),
      ),
      card(
        "Processor time",
        `${title}. For each operation: in the program, and paler in the system.`,
        bars(rows.map(cpuBar), colours),
      ),
      card(
        "Delay of the event loop",
        `${title}. 99th percentile: how long everything else had to wait.`,
        bars(looped.map(loopBar), colours),
      ),
    ),
  );
  drawn.push(
    drawCdf(cdf, outcome, colours, tail.checked),
    drawRates(rates, ofFamily(), colours),
  );
}

const rateBar = ({ subject, rate }: Row) => ({
  name: subject.name,
  parts: [rate.median],
  span: [rate.min, rate.max] as [number, number],
  text: rateShort(rate.median),
});
const cpuBar = ({ subject, cpuUserUs, cpuSystemUs, cpuUs }: Row) => ({
  name: subject.name,
  parts: [cpuUserUs.median, cpuSystemUs.median],
  text: timeShort(cpuUs.median * 1000),
});
const loopBar = ({ subject, loopDelayNs }: Row) => ({
  name: subject.name,
  parts: [loopDelayNs!.p99.median],
  text: timeShort(loopDelayNs!.p99.median),
});

const columns: [title: string, cell: (row: Row) => string][] = [
  ["ops/s", ({ rate }) => Math.round(rate.median).toLocaleString("en-US")],
  ["lowest", ({ rate }) => rateShort(rate.min)],
  ["highest", ({ rate }) => rateShort(rate.max)],
  [
    "MiB/s",
    ({ bytesPerSecond: { median } }) =>
      median === 0 ? "" : digits(median / 2 ** 20),
  ],
  ...["p50", "p90", "p99", "p99.9"].map(
    (name): [string, (row: Row) => string] => [
      name,
      ({ latencyNs }) => timeShort(latencyNs[name]!.median),
    ],
  ),
  ["user µs", ({ cpuUserUs }) => cpuUserUs.median.toFixed(2)],
  ["system µs", ({ cpuSystemUs }) => cpuSystemUs.median.toFixed(2)],
  [
    "loop p99",
    ({ loopDelayNs }) =>
      loopDelayNs === null ? "" : timeShort(loopDelayNs.p99.median),
  ],
  [
    "switches",
    ({ switches }) => (switches === null ? "" : switches.median.toFixed(2)),
  ],
];

function tables(): HTMLElement[] {
  return outcomes.map(({ title, rows, failed }) => {
    const head = element(
      "tr",
      "",
      ...["", ...columns.map(([name]) => name)].map((name) =>
        element("th", "", name),
      ),
    );
    const lines = rows.map((row) =>
      element(
        "tr",
        "",
        element("td", "", colours.swatch(row.subject.name), row.subject.name),
        ...columns.map(([, cell]) => element("td", "", cell(row))),
      ),
    );
    const table = element(
      "table",
      "",
      element("thead", "", head),
      element("tbody", "", ...lines),
    );
    const failures = failed.map(({ subject, failure }) =>
      element("p", "soft", `${subject.name} failed: ${failure}`),
    );
    return element(
      "section",
      "card",
      element("h2", "", title),
      element("div", "scroll", table),
      ...failures,
    );
  });
}

function verdictCard(): HTMLElement {
  const lines = verdicts.map(({ title, says }) => {
    const [first = "", ...others] = says;
    const head = element("p", "", element("span", "use", `${title}: `), first);
    return element(
      "div",
      "verdict",
      head,
      ...others.map((text) => element("p", "soft", text)),
    );
  });
  const remarks = notes.map((note) => element("p", "soft", note));
  return element(
    "section",
    "card",
    element("h2", "", "What to use"),
    ...lines,
    ...remarks,
  );
}

function machineText(): string {
  const {
    version,
    node,
    system,
    processors,
    cpu,
    memoryGiB,
    disk,
    load,
    date,
  } = machine;
  const on = disk === null ? "" : `, ${disk.fileSystem} on ${disk.device}`;
  return `node-eio ${version}, Node ${node}, ${system}, ${processors} x ${cpu}, ${memoryGiB} GiB${on}; load ${load}; ${date.slice(0, 16).replace("T", " ")} UTC`;
}

const label = (text: string, control: HTMLElement): HTMLElement =>
  element("label", "", text, control);
document.body.replaceChildren(
  element(
    "main",
    "",
    element("h1", "", "node-eio bench"),
    element("p", "soft", machineText()),
    element("p", "soft", report.command),
    verdictCard(),
    element(
      "div",
      "controls",
      label("Work ", family),
      label("In flight ", depth),
      label("", element("span", "", tail, " stretch the tail")),
    ),
    picture,
    ...tables(),
  ),
);

family.addEventListener("change", () => (fillDepths(), draw()));
depth.addEventListener("change", draw);
tail.addEventListener("change", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  draw();
});
fillDepths();
draw();
document.documentElement.dataset["ready"] = "yes";
