// The command line of the bench as a plan: jobs, rounds, and where results go. It reads words and files, and
// runs nothing.
import fs from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { answerJob } from "./answer/job.ts";
import { works, type Subject } from "./case.ts";
import { RAMP_SHARE, jobDefaults, type Job } from "./job.ts";
import { readJobFile } from "./job-file.ts";
import { peerNames, peerSubjects, peerVersion } from "./peers/peers.ts";
import {
  backendNames,
  backendSubjects,
  moduleSubject,
  nodeSubject,
  styles,
} from "./subjects.ts";
import {
  UsageError,
  readCount,
  readList,
  readOneOf,
  readSize,
  readTime,
} from "./usage.ts";

export interface Plan {
  /** What to use, in some seconds, where nobody says what is to be measured. */
  answer: boolean;
  jobs: Job[];
  rounds: number;
  /** Drop all caches of the system, for cold runs. */
  dropAll: boolean;
  json: string | null;
  csv: string | null;
  html: string | null;
  /** Where the profile goes; null for none. */
  profile: string | null;
  quiet: boolean;
  /** Tables below the answer. */
  verbose: boolean;
  /** What was left out, and why. */
  notes: string[];
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const texts = { type: "string", multiple: true } as const;

const spec = {
  rw: text,
  bs: text,
  iodepth: text,
  size: text,
  files: text,
  direct: flag,
  cold: flag,
  "drop-caches": flag,
  runtime: text,
  ramp: text,
  rounds: text,
  backend: text,
  node: text,
  api: text,
  threads: text,
  fsync: text,
  rwmixread: text,
  file: text,
  dir: text,
  overwrite: flag,
  seed: text,
  with: texts,
  peer: texts,
  json: text,
  csv: text,
  html: text,
  save: flag,
  profile: text,
  quiet: flag,
  verbose: flag,
  help: { type: "boolean", short: "h", default: false },
} as const satisfies ParseArgsConfig["options"];

const ROUNDS = 5;
const DEFAULT_PROFILE = "eio-profile.json";

export type Parsed = ReturnType<typeof parse>;

export function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: spec,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // Node's own words say which option; the sentence about `--` behind them helps nobody here.
    throw new UsageError((error as Error).message.split(". ")[0]!);
  }
}

/** Where files are made and results go; any other option says what is measured, or how. */
const aside = ["dir", "json", "csv", "html", "quiet", "verbose", "help"];

export const wantsAnswer = ({ values, positionals }: Parsed): boolean =>
  positionals.length === 0 &&
  Object.entries(values).every(
    ([name, value]) => value === false || aside.includes(name),
  );

export function planOf(parsed: Parsed): Plan {
  const { values, positionals } = parsed;
  const notes: string[] = [];
  const subjects = subjectsOf(values, notes);
  const plan = {
    answer: wantsAnswer(parsed),
    rounds:
      values.rounds === undefined
        ? ROUNDS
        : readCount("--rounds", values.rounds, 1, 1000),
    dropAll: values["drop-caches"],
    json: values.json ?? null,
    csv: values.csv ?? null,
    html: values.html ?? null,
    profile:
      values.save || values.profile !== undefined
        ? (values.profile ?? DEFAULT_PROFILE)
        : null,
    quiet: values.quiet,
    verbose: values.verbose,
    notes,
  };
  if (plan.answer) return { ...plan, jobs: [answerJob(values.dir ?? null)] };
  if (positionals.length === 0)
    return { ...plan, jobs: [jobOf(values, subjects)] };
  const fromFiles = {
    subjects,
    dir: values.dir ?? null,
    overwrite: values.overwrite,
  };
  const jobs = positionals.flatMap((file) => {
    const read = readJobFile(readText(file), file, fromFiles);
    if (read.ignored.length !== 0)
      notes.push(
        `${file}: not known here and ignored: ${read.ignored.join(", ")}`,
      );
    return read.jobs.map((job) => withPeers(job, values, notes));
  });
  checkSubjects(jobs);
  return { ...plan, jobs };
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${file}: it cannot be read (${(error as Error).message})`,
    );
  }
}

type Values = Parsed["values"];

function subjectsOf(values: Values, notes: string[]): Subject[] {
  const style = readOneOf("--api", values.api ?? "promises", [
    "promises",
    "callbacks",
  ] as const);
  const backends = readList(
    "--backend",
    values.backend ?? "all",
    (name, part) => readOneOf(name, part, ["all", "none", ...backendNames]),
  );
  const nodes = readList("--node", values.node ?? styles.join(), (name, part) =>
    readOneOf(name, part, ["none", ...styles] as const),
  );
  const subjects = [
    ...backendSubjects(
      backends.filter((name) => name !== "none"),
      style,
      values.direct,
    ),
    ...nodes.flatMap((style) => (style === "none" ? [] : [nodeSubject(style)])),
    ...(values.with ?? []).map(moduleSubject),
  ];
  const peers = (values.peer ?? []).flatMap((given) =>
    peersIn(given, values.direct, notes),
  );
  if (subjects.length + peers.length === 0)
    throw new UsageError(
      "there is nobody to measure: --backend and --node leave nothing",
    );
  return [...subjects, ...peers];
}

function peersIn(given: string, direct: boolean, notes: string[]): Subject[] {
  const names = readList("--peer", given, (name, part) =>
    readOneOf(name, part, peerNames),
  );
  return names.flatMap((peer) => {
    if (peerVersion(peer) !== null) return peerSubjects(peer, direct);
    const note = `${peer} is left out: it is not installed here (no program ${peer} in PATH)`;
    if (!notes.includes(note)) notes.push(note);
    return [];
  });
}

/** What a job file says of its engine replaces the subjects, and the peers stay. */
function withPeers(job: Job, values: Values, notes: string[]): Job {
  const plain = job.subjects.filter(
    ({ kind }) => kind !== "fio" && kind !== "bun",
  );
  const peers = (values.peer ?? []).flatMap((given) =>
    peersIn(given, job.direct, notes),
  );
  return { ...job, subjects: [...plain, ...peers] };
}

/** An engine of a job file may name what is not here. */
function checkSubjects(jobs: Job[]): void {
  for (const { subjects } of jobs)
    for (const { kind, which, style } of subjects)
      if (kind === "eio") backendSubjects([which], style, true);
}

function jobOf(values: Values, subjects: Subject[]): Job {
  const job: Job = { ...jobDefaults, subjects };
  const { direct, cold, overwrite } = values;
  Object.assign(job, {
    direct,
    cold: cold || values["drop-caches"],
    overwrite,
  });
  const read = <T>(
    name: keyof Values,
    to: keyof Job,
    by: (name: string, text: string) => T,
  ): void => {
    const given = values[name];
    if (typeof given === "string")
      Object.assign(job, { [to]: by(`--${name}`, given) });
  };
  read("rw", "works", (name, given) =>
    readList(name, given, (_, part) => readOneOf(name, part, works)),
  );
  read("bs", "blockBytes", (name, given) => readList(name, given, readSize));
  read("iodepth", "depths", (name, given) =>
    readList(name, given, (_, part) => readCount(name, part, 1, 65536)),
  );
  read("size", "sizeBytes", readSize);
  read("files", "files", readCount);
  read("runtime", "runtimeMs", readTime);
  job.rampMs = job.runtimeMs * RAMP_SHARE;
  read("ramp", "rampMs", readTime);
  read("threads", "threads", (name, given) => readCount(name, given, 1, 64));
  read("fsync", "fsyncEvery", (name, given) => readCount(name, given, 0));
  read("rwmixread", "readPercent", (name, given) =>
    readCount(name, given, 0, 100),
  );
  read("seed", "seed", (name, given) => readCount(name, given, 0));
  read("file", "file", (_, given) => given);
  read("dir", "dir", (_, given) => given);
  if (job.runtimeMs <= 0)
    throw new UsageError("--runtime: there is no measuring in no time");
  if (job.file !== null && job.files !== null)
    throw new UsageError(
      "--file names one file, and --files wants more: give one of them",
    );
  return job;
}
