// What bench:wide saves, and where each of its rows stands: what is lost comes first. It knows figures and names of
// subjects, and neither measures nor writes anything.
import {
  compare,
  type Comparison,
} from "../../packages/bench/src/statistics.ts";

/** One number for each round. */
export interface Figures {
  rate: number[];
  /** Of an operation. */
  cpuUs: number[];
  p50Us: number[];
  p99Us: number[];
  /** Of the event loop's delay; absent where there is no loop. */
  loopP99Us?: number[];
}

export interface WideRow {
  name: string;
  title: string;
  /** One operation a process, told as a time. */
  once: boolean;
  on: "disk" | "memory";
  /** Peers whose work is another one here; their ratio decides nothing. */
  incomparable: string[];
  /** By subject: a peer ("node26", "bun"), this library on one ("eio@node26"), or C ("limit"). */
  subjects: Record<string, Figures>;
  /** Why a subject has no figures. */
  failed: Record<string, string>;
}

export interface WideReport {
  tool: "node-eio bench:wide";
  machine: {
    cpu: string;
    processors: number;
    system: string;
    memoryGiB: number;
    version: string;
    date: string;
  };
  /** Of the last minute, when it began. */
  load: number;
  /** Versions, by peer. */
  runtimes: Record<string, string>;
  /** The Node that stands for this library beside Bun and C. */
  newest: string;
  /** What ran requests, by Node. */
  backends: Record<string, string>;
  files: { disk: string; memory: string };
  rounds: number;
  seconds: number;
  /** Offset into a page, and microseconds to write and to read 1 MiB there. */
  alignment: [offset: number, writeUs: number, readUs: number][] | null;
  leftOut: { name: string; reason: string }[];
  rows: WideRow[];
}

export type Standing = "failed" | "lost" | "level" | "won";

export interface Placing {
  row: WideRow;
  standing: Standing;
  /** This library's rate to each peer's and to that of C, on the same Node where the peer is one. */
  ratios: Record<string, Comparison>;
}

/** The order in which they are shown. */
const order: Standing[] = ["failed", "lost", "level", "won"];

export function placings({ rows, newest }: WideReport): Placing[] {
  return rows
    .map((row) => placingOf(row, newest))
    .sort(
      (a, b) =>
        order.indexOf(a.standing) - order.indexOf(b.standing) ||
        worst(a) - worst(b),
    );
}

export function placingOf(row: WideRow, newest: string): Placing {
  const ratios: Record<string, Comparison> = {};
  for (const [name, theirs] of Object.entries(row.subjects)) {
    const ours = row.subjects[`eio@${name}`] ?? row.subjects[`eio@${newest}`];
    if (ours !== undefined && !name.startsWith("eio@"))
      ratios[name] = compare(ours.rate, theirs.rate);
  }
  return { row, standing: standingOf(row, ratios), ratios };
}

function standingOf(row: WideRow, ratios: Placing["ratios"]): Standing {
  if (Object.keys(row.failed).some((name) => name.startsWith("eio@")))
    return "failed";
  const says = judged({ row, ratios }).map(([, { says }]) => says);
  if (says.includes(-1)) return "lost";
  return says.includes(0) ? "level" : "won";
}

/** Those that decide where a row stands. */
export function judged({ row, ratios }: Omit<Placing, "standing">) {
  return Object.entries(ratios).filter(
    ([name]) => name !== "limit" && !row.incomparable.includes(name),
  );
}

function worst(placing: Placing): number {
  return Math.min(
    ...judged(placing).map(([, { ratio }]) => ratio.median),
    Infinity,
  );
}

export type Reach = "reaches" | "unclear" | "short";

/** Whether the rate is so many times a peer's: only what is beyond the noise is said of it. */
export function reachOf(
  row: WideRow,
  name: string,
  least: number,
  newest: string,
): Reach | null {
  const ours = row.subjects[`eio@${name}`] ?? row.subjects[`eio@${newest}`];
  const theirs = row.subjects[name];
  if (ours === undefined || theirs === undefined) return null;
  const goal = theirs.rate.map((rate) => rate * least);
  const { says } = compare(ours.rate, goal);
  return says === 1 ? "reaches" : says === -1 ? "short" : "unclear";
}
