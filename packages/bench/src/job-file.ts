// fio's job files: what is known of one becomes a job of ours, and the rest is listed by name. It reads text;
// who measures the jobs is not known here.
import { works, type Subject, type Work } from "./case.ts";
import { RAMP_SHARE, RUNTIME_MS, jobDefaults, type Job } from "./job.ts";
import { eioSubject, nodeSubject } from "./subjects.ts";
import {
  UsageError,
  readCount,
  readList,
  readOneOf,
  readSize,
  readTime,
} from "./usage.ts";

export interface JobFile {
  jobs: Job[];
  /** `[section] name`: options that mean nothing here. */
  ignored: string[];
}

/** Where the file says nothing about an engine, these are measured. */
export interface FromCommandLine {
  subjects: Subject[];
  dir: string | null;
  overwrite: boolean;
}

/** Engines by what calls the system in the same manner. */
const engines: Record<string, () => Subject> = {
  io_uring: () => eioSubject("uring", "promises"),
  libaio: () => eioSubject("aio", "promises"),
  posixaio: () => eioSubject("pool", "promises"),
  null: () => eioSubject("null", "promises"),
  sync: () => nodeSubject("sync"),
  psync: () => nodeSubject("sync"),
  pvsync: () => nodeSubject("sync"),
  pvsync2: () => nodeSubject("sync"),
  vsync: () => nodeSubject("sync"),
};

const aliases: Record<string, string> = {
  readwrite: "rw",
  blocksize: "bs",
  filesize: "size",
  iodepth_batch_submit: "iodepth_batch",
  fdatasync: "fsync",
};

interface Draft extends Job {
  rampGiven: boolean;
  timeBased: boolean;
  runtimeGiven: boolean;
}
type Read = (job: Draft, value: string, name: string) => void;

const isOn = (value: string): boolean => value !== "0" && value !== "false";

/** Every option that is known, and what it changes. */
const known: Record<string, Read> = {
  rw: (job, value, name) => {
    const plain = value === "readwrite" ? "rw" : value;
    job.works = [readOneOf<Work>(name, plain, works)];
  },
  bs: (job, value, name) => {
    job.blockBytes = [readSize(name, value.split(",")[0]!)];
  },
  iodepth: (job, value, name) => {
    job.depths = readList(name, value, readCount);
  },
  size: (job, value, name) => {
    job.sizeBytes = readSize(name, value);
  },
  nrfiles: (job, value, name) => {
    job.files = readCount(name, value);
  },
  direct: (job, value) => {
    job.direct = isOn(value);
  },
  runtime: (job, value, name) => {
    job.runtimeMs = readTime(name, value);
    job.runtimeGiven = true;
  },
  ramp_time: (job, value, name) => {
    job.rampMs = readTime(name, value);
    job.rampGiven = true;
  },
  time_based: (job, value) => {
    job.timeBased = isOn(value);
  },
  filename: (job, value) => {
    job.file = value;
  },
  directory: (job, value) => {
    job.dir = value;
  },
  numjobs: (job, value, name) => {
    job.threads = readCount(name, value, 1, 64);
  },
  fsync: (job, value, name) => {
    job.fsyncEvery = readCount(name, value, 0);
  },
  randseed: (job, value, name) => {
    job.seed = readCount(name, value, 0);
  },
  rwmixread: (job, value, name) => {
    job.readPercent = readCount(name, value, 0, 100);
  },
  rwmixwrite: (job, value, name) => {
    job.readPercent = 100 - readCount(name, value, 0, 100);
  },
  invalidate: (job, value) => {
    job.cold = isOn(value);
  },
  overwrite: () => {},
  ioengine: (job, value, name) => {
    job.subjects = [engines[readOneOf(name, value, Object.keys(engines))]!()];
  },
  name: (job, value) => {
    job.name = value;
  },
};
/** As it is here in any case: there is nothing to report. */
const silent = [
  "group_reporting",
  "stonewall",
  "wait_for_previous",
  "thread",
  "description",
];

export function readJobFile(
  text: string,
  file: string,
  given: FromCommandLine,
): JobFile {
  const ignored: string[] = [];
  const base: Draft = {
    ...jobDefaults,
    subjects: given.subjects,
    dir: given.dir,
    overwrite: given.overwrite,
    // fio's own defaults, where they differ.
    depths: [1],
    works: ["read"],
    rampGiven: false,
    timeBased: false,
    runtimeGiven: false,
  };
  let global = base;
  let current: Draft | null = null;
  const jobs: Draft[] = [];
  text.split("\n").forEach((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) return;
    const where = `${file}:${index + 1}`;
    const section = /^\[(.+)\]$/.exec(line)?.[1];
    if (section === "global") {
      // What is said from here on is for the jobs that follow.
      global = { ...global };
      current = null;
      return;
    }
    if (section !== undefined) {
      current = { ...global, name: section };
      jobs.push(current);
      return;
    }
    const [key = "", ...rest] = line.split("=");
    const written = key.trim();
    const name = Object.hasOwn(aliases, written) ? aliases[written]! : written;
    const value = withEnvironment(rest.join("=").trim());
    if (Object.hasOwn(known, name))
      known[name]!(current ?? global, value, `${where}: ${written}`);
    else if (!silent.includes(name)) {
      const entry = `[${current?.name ?? "global"}] ${written}`;
      if (!ignored.includes(entry)) ignored.push(entry);
    }
  });
  if (jobs.length === 0)
    throw new UsageError(`${file}: there is no job in it ([name] begins one)`);
  return { jobs: jobs.map((job) => finish(job, file)), ignored };
}

const withEnvironment = (value: string): string =>
  value.replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? "");

/** fio ends a job when all was transferred, unless it is based on time. */
function finish(draft: Draft, file: string): Job {
  const { rampGiven, timeBased, runtimeGiven, ...job } = draft;
  if (timeBased && !runtimeGiven)
    throw new UsageError(
      `${file}: [${job.name}] is time_based and has no runtime`,
    );
  job.once = !timeBased;
  if (job.direct) job.cold = false;
  if (!runtimeGiven) job.runtimeMs = job.once ? ONCE_MAX_MS : RUNTIME_MS;
  // Ours: code that was never run is slow, and says nothing of the disk.
  if (!rampGiven)
    job.rampMs = (job.once ? RUNTIME_MS : job.runtimeMs) * RAMP_SHARE;
  return job;
}
/** A job without a time ends when it is done; this is for one that never would be. */
const ONCE_MAX_MS = 3_600_000;
