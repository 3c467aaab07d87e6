// fio's job files: what is understood, what is listed as ignored, and what is refused.
import { afterEach, describe, expect, it, vi } from "vitest";
import { groupsOf, groupTitle } from "../src/job.ts";
import { readJobFile } from "../src/job-file.ts";
import { subjects } from "./rows.ts";

const given = { subjects: [subjects.pool], dir: null, overwrite: false };
const read = (text: string) => readJobFile(text, "some.fio", given);

afterEach(() => vi.unstubAllEnvs());

describe("a job file", () => {
  it("has global sections for the jobs after them, and jobs of their own", () => {
    const { jobs, ignored } = read(`
; a comment
# another
[global]
rw=randread
bs=8k
size=1g
runtime=2
time_based
direct=1
[quick]
iodepth=64
ioengine=io_uring
[global]
bs=4096
[slow]
rw=readwrite
rwmixread=70
numjobs=4
fsync=8
nrfiles=2
directory=/data
randseed=9
ramp_time=500ms
`);
    expect(ignored).toEqual([]);
    expect(jobs).toHaveLength(2);
    expect(jobs[0]).toMatchObject({
      name: "quick",
      works: ["randread"],
      blockBytes: [8192],
      sizeBytes: 2 ** 30,
      runtimeMs: 2000,
      rampMs: 600,
      once: false,
      direct: true,
      depths: [64],
      threads: 1,
      subjects: [{ kind: "eio", which: "uring" }],
    });
    expect(jobs[1]).toMatchObject({
      name: "slow",
      works: ["rw"],
      blockBytes: [4096],
      readPercent: 70,
      threads: 4,
      fsyncEvery: 8,
      files: 2,
      dir: "/data",
      seed: 9,
      rampMs: 500,
      depths: [1],
      subjects: [subjects.pool],
    });
  });

  it.each([
    ["io_uring", "eio", "uring"],
    ["libaio", "eio", "aio"],
    ["posixaio", "eio", "pool"],
    ["null", "eio", "null"],
    ["psync", "node", ""],
  ])("maps the engine %s", (engine, kind, which) => {
    const { jobs } = read(`[a]\nioengine=${engine}`);
    expect(jobs[0]!.subjects).toMatchObject([{ kind, which }]);
  });

  it("ends when all was transferred, unless it is based on time", () => {
    expect(read("[a]\nsize=1m").jobs[0]).toMatchObject({ once: true });
    expect(read("[a]\nruntime=1\ntime_based=1").jobs[0]).toMatchObject({
      once: false,
    });
    expect(read("[a]\nruntime=3").jobs[0]).toMatchObject({
      once: true,
      runtimeMs: 3000,
    });
  });

  it("lists what it does not know, once each and by its section", () => {
    const { ignored } = read(
      "[global]\ngtod_reduce=1\n[a]\nverify=crc32c\nverify=md5\ngroup_reporting\n",
    );
    expect(ignored).toEqual(["[global] gtod_reduce", "[a] verify"]);
  });

  it("puts in what the environment says", () => {
    vi.stubEnv("BENCH_SIZE", "2m");
    expect(read("[a]\nsize=${BENCH_SIZE}").jobs[0]!.sizeBytes).toBe(2 << 20);
  });

  it("reads a filename, and takes cold from invalidate where pages are used at all", () => {
    expect(
      read("[a]\nfilename=/data/file\ninvalidate=1").jobs[0],
    ).toMatchObject({
      file: "/data/file",
      cold: true,
    });
    expect(read("[a]\ninvalidate=1\ndirect=1").jobs[0]!.cold).toBe(false);
  });

  it.each([
    ["", /some\.fio: there is no job in it/],
    ["[a]\nrw=sideways", /some\.fio:2: rw: "sideways" is none of read, /],
    ["[a]\n\nbs=big", /some\.fio:3: bs: "big" is no size/],
    ["[a]\niodepth=0", /some\.fio:2: iodepth: "0" is no whole number from 1/],
    ["[a]\nioengine=mmap", /some\.fio:2: ioengine: "mmap" is none of io_uring/],
    ["[a]\nruntime=soon", /some\.fio:2: runtime: "soon" is no time/],
    ["[a]\ntime_based", /\[a\] is time_based and has no runtime/],
  ])("%j is refused with the place", (text, says) => {
    expect(() => read(text)).toThrow(says);
  });
});

describe("a job's groups", () => {
  it("are its works, sizes and depths, one by one", () => {
    const [job] = read("[a]\niodepth=1,8").jobs;
    const groups = groupsOf({
      ...job!,
      works: ["randread", "stat"],
      blockBytes: [4096, 65536],
      name: "",
    });
    expect(groups.map(groupTitle)).toEqual([
      "randread 4k at depth 1",
      "randread 4k at depth 8",
      "randread 64k at depth 1",
      "randread 64k at depth 8",
      "stat at depth 1",
      "stat at depth 8",
    ]);
  });

  it("say what is special in their titles", () => {
    const [job] = read(
      "[a]\nrw=randwrite\ndirect=1\nnumjobs=2\nfsync=4\nbs=1m",
    ).jobs;
    expect(groupTitle(groupsOf(job!)[0]!)).toBe(
      "a: randwrite 1m at depth 1 in 2 threads, direct, synced every 4",
    );
  });

  it("leave fio out where there are no transfers", () => {
    const [job] = read("[a]\nrw=stat").jobs;
    const [group] = groupsOf({
      ...job!,
      subjects: [subjects.pool, subjects.fio],
    });
    expect(group!.subjects).toEqual([subjects.pool]);
  });
});
