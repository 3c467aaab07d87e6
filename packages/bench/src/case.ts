// What one case of the bench is and what one run of it returns: the words that the tool and its child
// processes share. Nothing here runs.

export const works = [
  "read",
  "write",
  "randread",
  "randwrite",
  "rw",
  "randrw",
  "stat",
  "open",
  "readfile",
  "writefile",
  "readdir",
] as const;
export type Work = (typeof works)[number];

const dataWorks: Work[] = [
  "read",
  "write",
  "randread",
  "randwrite",
  "rw",
  "randrw",
];
/** On blocks of open files; the others are on paths. */
export const isDataWork = (work: Work): boolean => dataWorks.includes(work);
/** On bytes, of blocks or of whole files: sizes mean nothing to a stat. */
export const isSized = (work: Work): boolean =>
  isDataWork(work) || work === "readfile" || work === "writefile";
export const isRandom = (work: Work): boolean => work.startsWith("rand");
/** Which kinds of transfer it makes. */
export const writes = (work: Work): boolean => /write|rw$/.test(work);
export const reads = (work: Work): boolean =>
  isDataWork(work) && /read|rw$/.test(work);

/** How work is done, whatever it is: of a case, and of all cases of a job. */
export interface Conditions {
  /** Threads that each do the whole work, as fio's numjobs. */
  threads: number;
  direct: boolean;
  cold: boolean;
  /** Ends when everything was transferred once, too. */
  once: boolean;
  runtimeMs: number;
  rampMs: number;
  /** A sync after so many writes; 0 is none. */
  fsyncEvery: number;
  /** Of mixed work, the share of reads, in percent. */
  readPercent: number;
  seed: number;
}

export interface Case extends Conditions {
  work: Work;
  /** Bytes of a transfer, or of each file for readfile and writefile. */
  blockBytes: number;
  /** Operations in flight, in each thread. */
  depth: number;
  /** The files of the work, in order: data files, files to open, or folders to list. */
  paths: string[];
  /** Bytes of each data file. */
  fileBytes: number;
  /** A folder for files that the work makes. */
  scratch: string;
}

/** Who does the work. */
export interface Subject {
  name: string;
  kind: "eio" | "node" | "module" | "fio" | "bun";
  /** Of eio: the backend; of fio: the engine; of a module: its URL. */
  which: string;
  style: "promises" | "callbacks" | "sync";
  /** Of eio: more options of createEio. */
  options?: Record<string, unknown>;
}

/** Values and how often each came, in order. */
export type Counted = [value: number, count: number][];

/** What one run found. Times of the loop are beyond the period of its probe. */
export interface RunResult {
  ops: number;
  bytes: number;
  seconds: number;
  cpuUserUs: number;
  cpuSystemUs: number;
  latenciesNs: Counted;
  /** Null where there is no loop to watch. */
  loopDelayNs: { p50: number; p99: number; max: number } | null;
  switches: { voluntary: number; involuntary: number } | null;
  /** What the bench's own loop costs per operation, taken with operations that do nothing. */
  harnessNs: number | null;
  /** Where the instance sends the work's op. */
  goes: string[] | null;
}

/** A failure as it crosses from a child process. */
export interface Failure {
  message: string;
  code?: string;
  path?: string;
}

export type Answer = { result: RunResult } | { failure: Failure };

export interface Order {
  subject: Subject;
  case: Case;
}

/** What a child process says after its warm-up of a cold case; it goes on with any reply. */
export const WARM = "warm";
