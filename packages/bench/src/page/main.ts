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
import { drawCdf, drawRates, drawSizes } from "./plots.ts";

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

/** The sentence above a chart says what it shows; what it says needs no other explanation. */
function card(title: string, says: string, ...content: Node[]): HTMLElement {
  return element(
    "figure",
    "card",
    element("h3", "", title),
    element("figcaption", "", says),
    ...content,
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
  const { rows } = outcome;
  const names = rows.map(({ subject }) => subject.name);
  const cdf = element("div", "plot");
  const rates = element("div", "plot");
  const sizes = element("div", "plot");
  const sized = bySize(outcome);
  const looped = rows.filter(({ loopDelayNs }) => loopDelayNs !== null);
  const about = workText(outcome);
  const depths = ofFamily().map(({ draft }) => draft.depth);
  picture.replaceChildren(
    element(
      "div",
      "grid",
      card(
        "Operations a second",
        `How many operations each one did in a second: ${about}. The longer the bar the better; the thin line goes from the slowest to the fastest of ${report.rounds} rounds.`,
        bars(rows.map(rateBar), colours),
      ),
      card(
        "Time of one operation",
        `Which share of the operations took no longer than the time below, on a logarithmic axis: ${about}. The further left a line is the better; Node's own functions are dashed, other programs dotted.`,
        cdf,
        legend(names),
      ),
      ...(depths.length < 2
        ? []
        : [
            card(
              "Operations a second, by how many are in flight",
              `How the rate grows when more operations are started before the first has ended: ${family.value}. Medians of ${report.rounds} rounds; the higher the better.`,
              rates,
              legend(names),
            ),
          ]),
      ...(sized.length < 2
        ? []
        : [
            card(
              "Bytes a second, by size",
              `How the throughput grows with the size of one operation: ${outcome.draft.work}, ${outcome.draft.depth} in flight. Medians of ${report.rounds} rounds; the higher the better.`,
              sizes,
              legend(names.filter((name) => name !== "null")),
            ),
          ]),
      card(
        "Processor time of one operation",
        `What one operation costs the processors: ${about}. The shorter the better; full colour is time in the program, pale is time in the system.`,
        bars(rows.map(cpuBar), colours),
      ),
      card(
        "Delay of the event loop",
        `How long everything else in the process had to wait, in the worst hundredth of its turns: ${about}. The shorter the better.`,
        bars(looped.map(loopBar), colours),
      ),
    ),
  );
  for (const [plot, what] of [
    [cdf, "time of one operation"],
    [rates, "operations a second, by how many are in flight"],
    [sizes, "bytes a second, by size"],
  ] as const) {
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", `Chart: ${what}; its figures are below`);
  }
  drawn.push(drawCdf(cdf, outcome, colours, tail.checked));
  if (depths.length >= 2) drawn.push(drawRates(rates, ofFamily(), colours));
  if (sized.length >= 2) drawn.push(drawSizes(sizes, sized, colours));
}

/** The same work and depth, of all sizes; who transfers nothing is not in it. */
const bySize = ({ draft, job }: Outcome): Outcome[] =>
  outcomes
    .map((one) => ({
      ...one,
      rows: one.rows.filter(({ subject }) => subject.which !== "null"),
    }))
    .filter(
      (other) =>
        other.job === job &&
        other.draft.work === draft.work &&
        other.draft.depth === draft.depth &&
        other.rows.some(({ bytesPerSecond }) => bytesPerSecond.median > 0),
    )
    .sort((a, b) => a.draft.blockBytes - b.draft.blockBytes);

/** `randread 4k, 64 in flight`. */
const workText = ({ title, draft }: Outcome): string =>
  title.replace(` at depth ${draft.depth}`, `, ${draft.depth} in flight`);

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
      ...["by", ...columns.map(([name]) => name)].map((name) => {
        const cell = element("th", "", name);
        cell.scope = "col";
        return cell;
      }),
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
      scrolled(table, title),
      ...failures,
    );
  });
}

/** Wider than a phone: a keyboard has to reach what scrolls. */
function scrolled(table: HTMLElement, title: string): HTMLElement {
  const made = element("div", "scroll", table);
  made.tabIndex = 0;
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", `Figures: ${title}`);
  return made;
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
    element("h2", "", report.answer === null ? "What to use" : "The answer"),
    ...(report.answer?.says ?? []).map((text) => element("p", "answer", text)),
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
const controls = element(
  "div",
  "controls",
  label("Work ", family),
  label("Operations in flight ", depth),
  label("", element("span", "", tail, " show the slowest hundredths apart")),
);
document.body.replaceChildren(
  element(
    "main",
    "",
    element("h1", "", "node-eio bench"),
    element("p", "soft", machineText()),
    element("p", "soft", report.command),
    verdictCard(),
    element("h2", "", "Charts"),
    controls,
    picture,
    element("h2", "", "All figures"),
    element(
      "p",
      "soft",
      "Medians of the rounds. p50 to p99.9: so many percent of the operations took no longer. user and system: processor time of one operation. loop p99: in the worst hundredth of its turns the event loop was late by this. switches: changes of the running thread, for one operation. null does nothing: it shows what the library itself costs.",
    ),
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
