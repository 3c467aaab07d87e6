// What is sent to the page, as plain data: the hello to whoever begins to watch, and the samples that follow.

/** Of the requests that settled since the sample before; milliseconds. */
export interface Spread {
  count: number;
  p50: number;
  p99: number;
  max: number;
  /** How many took how long: pairs of a bucket's number and a count. See buckets.ts. */
  buckets: number[];
}

export interface WaitAndRunSpread {
  wait: Spread | null;
  run: Spread | null;
}

export interface OpSample extends WaitAndRunSpread {
  submitted: number;
  settled: number;
  failed: number;
  cancelled: number;
}

export interface StuckRow {
  op: string;
  path?: string;
  fd?: number;
  ageMs: number;
  lane: string;
  backend: string;
  abandoned: boolean;
}

/** Since the instance was made. */
export interface GroupRow {
  name: string;
  count: number;
  waitP50: number;
  waitP99: number;
  runP50: number;
  runP99: number;
}

export interface LiveSample {
  /** Of the clock. */
  atMs: number;
  requests: number;
  ready: number;
  pending: number;
  abandoned: number;
  workers: number;
  slotsUsed: number;
  arenaUsedBytes: number;
  rssBytes: number;
  /** How late the loop was; milliseconds. */
  loop: { p50: number; p99: number; max: number };
  all: WaitAndRunSpread;
  ops: Record<string, OpSample>;
  lanes: GroupRow[];
  backends: GroupRow[];
  stuck: StuckRow[];
  watchers: number;
}

export interface Hello {
  version: string;
  node: string;
  pid: number;
  backend: string;
  backends: { name: string; available: boolean; reason: string }[];
  workersMax: number;
  slots: number;
  arenaBytes: number;
  intervalMs: number;
  /** What those who watched already have seen. */
  history: LiveSample[];
}
