// A job: what is to be measured, whether a command line or a job file said so, and its cases one by one.
// It knows no files yet: those are made when the case's turn comes.
import {
  isDataWork,
  isSized,
  writes,
  type Case,
  type Conditions,
  type Subject,
  type Work,
} from "./case.ts";
import { sizeText } from "./usage.ts";

export interface Job extends Conditions {
  name: string;
  works: Work[];
  blockBytes: number[];
  depths: number[];
  /** Of all data files together. */
  sizeBytes: number;
  /** How many files; null is as many as the work wants. */
  files: number | null;
  /** A file of the caller's. */
  file: string | null;
  /** Where files are made; null is the system's folder for such. */
  dir: string | null;
  overwrite: boolean;
  subjects: Subject[];
}

/** A case that waits for its files. */
export type Draft = Omit<Case, "paths" | "fileBytes" | "scratch">;

export interface Group {
  job: Job;
  draft: Draft;
  subjects: Subject[];
}

export const RUNTIME_MS = 1000;
export const RAMP_SHARE = 0.3;

export const jobDefaults: Omit<Job, "subjects"> = {
  name: "",
  works: ["randread"],
  blockBytes: [4096],
  depths: [1, 64],
  threads: 1,
  direct: false,
  cold: false,
  once: false,
  runtimeMs: RUNTIME_MS,
  rampMs: RUNTIME_MS * RAMP_SHARE,
  fsyncEvery: 0,
  readPercent: 50,
  seed: 1,
  sizeBytes: 256 << 20,
  files: null,
  file: null,
  dir: null,
  overwrite: false,
};

export function groupsOf(job: Job): Group[] {
  return job.works.flatMap((work) =>
    sizesOf(job, work).flatMap((blockBytes) =>
      job.depths.map((depth) => ({
        job,
        draft: draft(job, work, blockBytes, depth),
        subjects: job.subjects.filter((subject) => can(subject, work)),
      })),
    ),
  );
}

const sizesOf = ({ blockBytes }: Job, work: Work): number[] =>
  isSized(work) ? blockBytes : [4096];

function draft(job: Job, work: Work, blockBytes: number, depth: number): Draft {
  const { threads, direct, cold, once, runtimeMs, rampMs } = job;
  const { fsyncEvery, readPercent, seed } = job;
  return {
    work,
    blockBytes,
    depth,
    threads,
    direct: direct && isDataWork(work),
    cold,
    // What is cold is so only once.
    once: once || cold,
    runtimeMs,
    rampMs,
    fsyncEvery: writes(work) ? fsyncEvery : 0,
    readPercent,
    seed,
  };
}

/** fio knows data only. */
const can = ({ kind }: Subject, work: Work): boolean =>
  kind !== "fio" || isDataWork(work);

/** `randread 4k at depth 64`, and what is special. */
export function groupTitle({
  draft,
  job,
}: Pick<Group, "draft" | "job">): string {
  const { work, blockBytes, depth, threads, direct, cold, fsyncEvery } = draft;
  return [
    job.name === "" ? "" : `${job.name}: `,
    work,
    isSized(work) ? ` ${sizeText(blockBytes)}` : "",
    ` at depth ${depth}`,
    threads > 1 ? ` in ${threads} threads` : "",
    direct ? ", direct" : "",
    cold ? ", cold" : "",
    fsyncEvery > 0 ? `, synced every ${fsyncEvery}` : "",
  ].join("");
}
