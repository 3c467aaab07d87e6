// Results as lines of CSV (RFC 4180): a line for each group and subject, numbers without units.
import type { Outcome, Row } from "../rows.ts";

type Cell = string | number | boolean | null;

const columns: [title: string, cell: (row: Row, outcome: Outcome) => Cell][] = [
  ["job", (_, { job }) => job],
  ["work", (_, { draft }) => draft.work],
  ["block_bytes", (_, { draft }) => draft.blockBytes],
  ["depth", (_, { draft }) => draft.depth],
  ["threads", (_, { draft }) => draft.threads],
  ["direct", (_, { draft }) => draft.direct],
  ["cold", (_, { draft }) => draft.cold],
  ["subject", ({ subject }) => subject.name],
  ["rounds", ({ rounds }) => rounds],
  ["ops_per_second", ({ rate }) => rate.median],
  ["ops_per_second_min", ({ rate }) => rate.min],
  ["ops_per_second_max", ({ rate }) => rate.max],
  ["bytes_per_second", ({ bytesPerSecond }) => bytesPerSecond.median],
  ["p50_ns", ({ latencyNs }) => latencyNs["p50"]!.median],
  ["p90_ns", ({ latencyNs }) => latencyNs["p90"]!.median],
  ["p99_ns", ({ latencyNs }) => latencyNs["p99"]!.median],
  ["p99_9_ns", ({ latencyNs }) => latencyNs["p99.9"]!.median],
  ["cpu_user_us", ({ cpuUserUs }) => cpuUserUs.median],
  ["cpu_system_us", ({ cpuSystemUs }) => cpuSystemUs.median],
  ["loop_delay_p99_ns", ({ loopDelayNs }) => loopDelayNs?.p99.median ?? null],
  ["loop_delay_max_ns", ({ loopDelayNs }) => loopDelayNs?.max.median ?? null],
  ["switches_per_op", ({ switches }) => switches?.median ?? null],
];

export function csvOf(outcomes: Outcome[]): string {
  const lines = outcomes.flatMap((outcome) =>
    outcome.rows.map((row) =>
      columns.map(([, cell]) => quoted(cell(row, outcome))),
    ),
  );
  return [columns.map(([title]) => title), ...lines]
    .map((line) => `${line.join(",")}\r\n`)
    .join("");
}

function quoted(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(Math.round(cell * 1000) / 1000);
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
