// fio as a subject: the same work in its words, and its answer in ours. What is not said to it is as in our
// own runs: it neither drops caches nor gives the kernel hints, unless the case is cold.
import {
  isDataWork,
  type Answer,
  type Case,
  type Counted,
  type Order,
} from "../case.ts";
import { runProgram } from "../child.ts";

export function fioArgs(which: string, work: Case): string[] {
  const { blockBytes, depth, paths, fileBytes, runtimeMs, rampMs } = work;
  const optional: [boolean, string][] = [
    [!work.once, "--time_based"],
    [rampMs > 0 && !work.once, `--ramp_time=${rampMs}ms`],
    [work.fsyncEvery > 0, `--fdatasync=${work.fsyncEvery}`],
    [work.work.endsWith("rw"), `--rwmixread=${work.readPercent}`],
  ];
  return [
    "--name=peer",
    // A colon separates files in its list.
    `--filename=${paths.map((path) => path.replaceAll(":", "\\:")).join(":")}`,
    `--nrfiles=${paths.length}`,
    `--ioengine=${which}`,
    `--rw=${work.work}`,
    `--bs=${blockBytes}`,
    `--size=${Math.floor(fileBytes / blockBytes) * blockBytes * paths.length}`,
    `--iodepth=${depth}`,
    `--direct=${work.direct ? 1 : 0}`,
    `--numjobs=${work.threads}`,
    "--thread",
    `--randseed=${work.seed}`,
    `--runtime=${Math.round(runtimeMs)}ms`,
    `--invalidate=${work.cold ? 1 : 0}`,
    "--fadvise_hint=0",
    "--group_reporting",
    "--lat_percentiles=1",
    "--clat_percentiles=0",
    "--output-format=json+",
    ...optional.filter(([say]) => say).map(([, what]) => what),
  ];
}

interface FioDirection {
  total_ios: number;
  io_bytes: number;
  runtime: number;
  iops: number;
  lat_ns: { bins?: Record<string, number> };
}
interface FioJob {
  error: number;
  job_runtime: number;
  usr_cpu: number;
  sys_cpu: number;
  ctx: number;
  read: FioDirection;
  write: FioDirection;
}

/** Its answer begins after whatever it had to remark. */
export function fioResult(stdout: string): Answer {
  const { jobs } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as {
    jobs: FioJob[];
  };
  const [job] = jobs as [FioJob];
  if (job.error !== 0)
    return { failure: { message: `fio failed with errno ${job.error}` } };
  const { read, write } = job;
  const ops = read.total_ios + write.total_ios;
  if (ops === 0) return { failure: { message: "fio did nothing" } };
  // Percentages of the time that its jobs took together.
  const cpuUs = (percent: number): number =>
    (percent / 100) * job.job_runtime * 1000;
  return {
    result: {
      ops,
      bytes: read.io_bytes + write.io_bytes,
      seconds: ops / (read.iops + write.iops),
      cpuUserUs: cpuUs(job.usr_cpu),
      cpuSystemUs: cpuUs(job.sys_cpu),
      latenciesNs: bins(read, write),
      loopDelayNs: null,
      switches: { voluntary: job.ctx, involuntary: 0 },
      harnessNs: null,
      goes: null,
    },
  };
}

function bins(...directions: FioDirection[]): Counted {
  const counts = new Map<number, number>();
  for (const { lat_ns } of directions)
    for (const [ns, count] of Object.entries(lat_ns.bins ?? {}))
      counts.set(Number(ns), (counts.get(Number(ns)) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

export async function runFio({ subject, case: work }: Order): Promise<Answer> {
  if (!isDataWork(work.work))
    return { failure: { message: `fio has no ${work.work}` } };
  const { status, stdout, stderr } = await runProgram(
    "fio",
    fioArgs(subject.which, work),
  );
  if (status !== 0) {
    const [why = `status ${status}`] = stderr.trim().split("\n");
    return { failure: { message: `fio failed: ${why}` } };
  }
  return fioResult(stdout);
}
