// The bench's command line: sizes, times, lists, and the message for each wrong one.
import { describe, expect, it } from "vitest";
import { eio } from "node-eio";
import { parse, planOf } from "../src/options.ts";
import { UsageError, readSize, readTime, sizeText } from "../src/usage.ts";
import { testFolder } from "../../../test/helpers/files.ts";

const folder = testFolder();
const plan = (...args: string[]) => planOf(parse(args));
const job = (...args: string[]) => plan(...args).jobs[0]!;

describe("sizes and times", () => {
  it.each([
    ["4k", 4096],
    ["4K", 4096],
    ["4KiB", 4096],
    ["512", 512],
    ["1m", 1 << 20],
    ["1.5m", 1.5 * (1 << 20)],
    ["2g", 2 ** 31],
  ])("%s is %d bytes", (text, bytes) =>
    expect(readSize("--bs", text)).toBe(bytes),
  );

  it.each(["", "k", "4x", "-1", "0", "0.3k", "9999999999t"])(
    "%j is no size",
    (text) => {
      expect(() => readSize("--bs", text)).toThrow(UsageError);
    },
  );

  it.each([
    ["2", 2000],
    ["2s", 2000],
    ["500ms", 500],
    ["0.1s", 100],
    ["1m", 60_000],
  ])("%s is %d ms", (text, ms) => expect(readTime("--runtime", text)).toBe(ms));

  it.each([
    [4096, "4k"],
    [1 << 20, "1m"],
    [1000, "1000"],
    [1536, "1536"],
  ])("%d is shown as %s", (bytes, text) => expect(sizeText(bytes)).toBe(text));
});

describe("a command line", () => {
  it("by default measures random reads, all that there is and Node's own", () => {
    const { works, blockBytes, depths, subjects } = job("--rounds", "5");
    expect({ works, blockBytes, depths }).toEqual({
      works: ["randread"],
      blockBytes: [4096],
      depths: [1, 64],
    });
    const names = subjects.map(({ name }) => name);
    expect(names).toContain("pool");
    expect(names).toContain("null");
    expect(names).not.toContain("aio");
    expect(names).toEqual(
      expect.arrayContaining([
        "node:fs promises",
        "node:fs callbacks",
        "node:fs sync",
      ]),
    );
  });

  it("measures Linux AIO where it has something to do", () => {
    const names = job("--direct").subjects.map(({ name }) => name);
    expect(names.includes("aio")).toBe(eio.backends.aio.available);
  });

  it("is read in full", () => {
    const parsed = plan(
      ...[
        "--rw",
        "write,stat",
        "--bs",
        "4k,1m",
        "--iodepth",
        "1,8",
        "--size",
        "64m",
        "--files",
        "4",
      ],
      ...[
        "--direct",
        "--runtime",
        "2",
        "--ramp",
        "100ms",
        "--rounds",
        "7",
        "--backend",
        "pool",
      ],
      ...[
        "--node",
        "sync",
        "--api",
        "callbacks",
        "--threads",
        "2",
        "--fsync",
        "3",
        "--seed",
        "5",
      ],
      ...[
        "--dir",
        "/somewhere",
        "--json",
        "-",
        "--save",
        "--quiet",
        "--rwmixread",
        "10",
      ],
    );
    expect(parsed).toMatchObject({
      rounds: 7,
      json: "-",
      profile: "eio-profile.json",
      quiet: true,
    });
    expect(parsed.jobs[0]).toMatchObject({
      works: ["write", "stat"],
      blockBytes: [4096, 1 << 20],
      depths: [1, 8],
      sizeBytes: 64 << 20,
      files: 4,
      direct: true,
      runtimeMs: 2000,
      rampMs: 100,
      threads: 2,
      fsyncEvery: 3,
      readPercent: 10,
      seed: 5,
      dir: "/somewhere",
    });
    expect(parsed.jobs[0]!.subjects.map(({ name }) => name)).toEqual([
      "pool callbacks",
      "node:fs sync",
    ]);
  });

  it("takes a module of the caller's as a subject", () => {
    const file = folder.file("mine.mjs", "export * from 'node:fs/promises'");
    const { subjects } = job(
      "--backend",
      "none",
      "--node",
      "none",
      "--with",
      file,
    );
    expect(subjects).toMatchObject([{ name: "mine.mjs", kind: "module" }]);
  });

  it("says which program beside it is not installed", () => {
    const before = process.env["PATH"];
    process.env["PATH"] = folder.path;
    try {
      expect(plan("--peer", "fio,bun").notes).toEqual([
        "fio is left out: it is not installed here (no program fio in PATH)",
        "bun is left out: it is not installed here (no program bun in PATH)",
      ]);
    } finally {
      process.env["PATH"] = before;
    }
  });

  it("takes jobs from files, and lists what is ignored in them", () => {
    const file = folder.file(
      "a.fio",
      "[a]\nioengine=psync\nverify=md5\n[b]\nrw=randread\n",
    );
    const { jobs, notes } = plan(file, "--backend", "pool", "--node", "none");
    expect(jobs.map(({ name, subjects }) => [name, subjects[0]!.name])).toEqual(
      [
        ["a", "node:fs sync"],
        ["b", "pool"],
      ],
    );
    expect(notes).toEqual([`${file}: not known here and ignored: [a] verify`]);
  });

  const wrong: [string[], RegExp][] = [
    [["--rx", "read"], /Unknown option '--rx'/],
    [["--rw"], /Option '--rw <value>' argument missing/],
    [["--rw", "reed"], /--rw: "reed" is none of read, write/],
    [["--bs", "4q"], /--bs: "4q" is no size/],
    [["--iodepth", "1,,8"], /--iodepth: "1,,8" is no list/],
    [["--iodepth", "0"], /--iodepth: "0" is no whole number from 1/],
    [["--rounds", "0"], /--rounds/],
    [["--runtime", "0"], /no measuring in no time/],
    [["--backend", "ring"], /--backend: "ring" is none of all, none, pool/],
    [["--node", "fibers"], /--node: "fibers" is none of/],
    [["--api", "sync"], /--api: "sync" is none of promises, callbacks/],
    [["--peer", "dd"], /--peer: "dd" is none of fio, bun/],
    [["--with", "missing.mjs"], /--with missing\.mjs: there is no such file/],
    [["--backend", "none", "--node", "none"], /there is nobody to measure/],
    [["--file", "a", "--files", "2"], /give one of them/],
    [["missing.fio"], /missing\.fio: it cannot be read \(ENOENT/],
  ];
  it.each(wrong)("%j is refused", (args, says) => {
    expect(() => plan(...args)).toThrow(UsageError);
    expect(() => plan(...args)).toThrow(says);
  });
});
