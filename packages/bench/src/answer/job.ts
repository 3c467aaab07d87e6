// What is measured where nobody says what: small files as most programs read, write and look them up, by Node's own fs, by
// this library as it is, and by what could be set instead. It runs nothing.
import { eio, type BackendName } from "node-eio";
import type { Subject, Work } from "../case.ts";
import { jobDefaults, type Job } from "../job.ts";
import { eioSubject, nodeSubject } from "../subjects.ts";

/** Of the process's own clock: with its end it is done in 20 seconds. */
export const ANSWER_MS = 18_500;
const FILE_BYTES = 16 << 10;
const DEPTH = 8;
const FILES = 64;
const RUNTIME_MS = 100;
const RAMP_MS = 20;
export const MEASURED = `files of ${FILE_BYTES >> 10} KiB in the page cache, ${DEPTH} calls at a time, with promises`;

/** The works of the answer, and what they are called in it. */
export const answerWorks = {
  readfile: "reading files",
  writefile: "writing files",
  stat: "looking files up (stat)",
} satisfies Partial<Record<Work, string>>;

/** What auto takes the first of. */
const preferred: BackendName[] = ["uring", "nowait", "pool"];

/** What node-eio chooses by itself here. */
export const ownChoice = (): BackendName =>
  preferred.find((name) => eio.backends[name].available)!;

export function answerJob(dir: string | null): Job {
  return {
    ...jobDefaults,
    works: Object.keys(answerWorks) as Work[],
    blockBytes: [FILE_BYTES],
    depths: [DEPTH],
    runtimeMs: RUNTIME_MS,
    rampMs: RAMP_MS,
    files: FILES,
    dir,
    subjects: answerSubjects(),
  };
}

/** In the order that answerOf() expects: Node's own fs, what is chosen here, then the others. */
function answerSubjects(): Subject[] {
  const own = ownChoice();
  const others = (["uring", "nowait", "threads"] as BackendName[]).filter(
    (name) => name !== own && eio.backends[name].available,
  );
  return [
    nodeSubject("promises"),
    ...["auto", ...others].map((name) => eioSubject(name, "promises")),
  ];
}
