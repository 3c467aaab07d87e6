// The tables of the page. Rows are made anew with each sample; what is text stays text.
import { element } from "@node-eio/page/elements.ts";
import { rateShort, timeShort } from "@node-eio/page/units.ts";
import type {
  GroupRow,
  Hello,
  LiveSample,
  Spread,
  StuckRow,
} from "../sample.ts";
import { RECENT, type Seen } from "./window.ts";

const NS_PER_MS = 1e6;
export const msText = (ms: number | undefined): string =>
  ms === undefined ? "–" : ms === 0 ? "0" : timeShort(ms * NS_PER_MS);
export const countText = (value: number): string =>
  value.toLocaleString("en-US");

type Cell = string | { text: string; kind: string };

export interface Table {
  readonly card: HTMLElement;
  fill(rows: Cell[][]): void;
}

export function table(title: string, caption: string, heads: Cell[]): Table {
  const body = element("tbody");
  const cellOf =
    (tag: "th" | "td") =>
    (cell: Cell): HTMLElement => {
      if (typeof cell === "string") return element(tag, "", cell);
      return element(tag, cell.kind, cell.text);
    };
  const columns = heads.map(cellOf("th"));
  for (const head of columns) head.setAttribute("scope", "col");
  const scroll = element(
    "div",
    "scroll",
    element(
      "table",
      "",
      element("thead", "", element("tr", "", ...columns)),
      body,
    ),
  );
  // What can be scrolled must be reached by the keyboard.
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", title);
  const card = element(
    "section",
    "card",
    element("h2", "", title),
    element("p", "soft", caption),
    scroll,
  );
  return {
    card,
    fill(rows) {
      card.hidden = rows.length === 0;
      body.replaceChildren(
        ...rows.map((cells) => element("tr", "", ...cells.map(cellOf("td")))),
      );
    },
  };
}

export const opHeads: Cell[] = [
  "operation",
  "open",
  "per second",
  "in all",
  "failed",
  "cancelled",
  "wait p50",
  "wait p99",
  "run p50",
  "run p99",
];

export function opRows(seen: Seen): Cell[][] {
  const { last } = seen;
  if (last === undefined) return [];
  const recent = seen.samples.slice(-RECENT);
  const before = recent[0]!;
  const seconds = Math.max(0.001, (last.atMs - before.atMs) / 1000);
  return Object.entries(last.ops)
    .sort(([, a], [, b]) => b.submitted - a.submitted)
    .map(([name, op]) => {
      const { submitted, settled, failed, cancelled } = op;
      const was = before.ops[name]?.settled ?? 0;
      const latest = (kind: "wait" | "run"): Spread | undefined =>
        recent.findLast((sample) => sample.ops[name]?.[kind])?.ops[name]?.[
          kind
        ] ?? undefined;
      const [wait, run] = [latest("wait"), latest("run")];
      return [
        name,
        countText(submitted - settled),
        recent.length < 2 ? "–" : rateShort((settled - was) / seconds),
        ...[settled, failed, cancelled].map(countText),
        msText(wait?.p50),
        msText(wait?.p99),
        msText(run?.p50),
        msText(run?.p99),
      ];
    });
}

export const groupHeads: Cell[] = [
  "",
  "timed",
  "wait p50",
  "wait p99",
  "run p50",
  "run p99",
];

export const groupRows = ({ lanes, backends }: LiveSample): Cell[][] =>
  [
    ...backends.map((row) => ({ ...row, name: `backend ${row.name}` })),
    ...(lanes.length > 1
      ? lanes.map((row) => ({ ...row, name: `lane ${row.name}` }))
      : []),
  ].map(({ name, count, waitP50, waitP99, runP50, runP99 }: GroupRow) => [
    name,
    countText(count),
    ...[waitP50, waitP99, runP50, runP99].map(msText),
  ]);

export const backendHeads: Cell[] = [
  "backend",
  { text: "here", kind: "name" },
  { text: "why not", kind: "why" },
];

export const backendRows = ({ backend, backends }: Hello): Cell[][] =>
  backends.map(({ name, available, reason }) => [
    name,
    {
      text: name === backend ? "in use" : available ? "yes" : "no",
      kind: available ? "name" : "name no",
    },
    { text: reason, kind: "why" },
  ]);

export const stuckHeads: Cell[] = [
  "operation",
  "for",
  { text: "on", kind: "why" },
  "lane",
  "backend",
];

export const stuckRows = (stuck: StuckRow[]): Cell[][] =>
  stuck.map(({ op, ageMs, path, fd, lane, backend, abandoned }) => [
    op,
    msText(ageMs),
    {
      text: `${path ?? (fd === undefined ? "" : `descriptor ${fd}`)}${abandoned ? " (its caller has gone)" : ""}`,
      kind: "why",
    },
    lane,
    backend,
  ]);
