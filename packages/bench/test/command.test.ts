// The bench as it is called: short runs from end to end, results in every form, and every way to fail, each
// with its message, its status, and nothing left behind.
import { spawn, spawnSync, type SpawnOptions } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createEio, eio } from "node-eio";
import { run } from "../src/case/threads.ts";
import { works } from "../src/case.ts";
import { Data } from "../src/data.ts";
import { groupsOf } from "../src/job.ts";
import { parse, planOf } from "../src/options.ts";
import type { Report } from "../src/report.ts";
import { rowOf, type Row } from "../src/rows.ts";
import { until } from "../../../test/helpers/engine.ts";
import { testFolder } from "../../../test/helpers/files.ts";
import { isWhole, todays } from "../../../test/helpers/part.ts";
import { inProcess } from "./in-process.ts";

const command = path.resolve("dist/cli.js");
const folder = testFolder();
const dir = folder.join("made");
fs.mkdirSync(dir);
const has = (program: string): boolean =>
  spawnSync(program, ["--version"]).status === 0;

interface Ended {
  status: number | null;
  out: string;
  err: string;
}

function bench(
  args: string[],
  more: SpawnOptions = {},
): Promise<Ended> & { pid: number; said: Promise<void> } {
  const child = spawn(process.execPath, [command, "bench", ...args], {
    ...more,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  let say!: () => void;
  const said = new Promise<void>((resolve) => (say = resolve));
  child
    .stdout!.setEncoding("utf8")
    .on("data", (text: string) => void (out += text));
  child
    .stderr!.setEncoding("utf8")
    .on("data", (text: string) => ((err += text), say()));
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (status) => resolve({ status, out, err })),
  );
  return Object.assign(ended, { pid: child.pid!, said });
}

/** Small and short: what is looked at is not how fast anything is. */
const small = [
  "--runtime",
  "30ms",
  "--size",
  "1m",
  "--files",
  "1",
  "--dir",
  dir,
  "--rounds",
  "1",
];
const poolAlone = ["--backend", "pool", "--node", "none"];
/** What begins soonest: it starts no threads for what is in the page cache. */
const soonest = eio.backends.nowait.available ? "nowait" : "pool";
const oneAlone = ["--backend", soonest, "--node", "none"];
const reportOf = ({ out }: Ended): Report => JSON.parse(out) as Report;

/** For a profile of the pool 62 workers start, one after the other or together: that is for whole runs. */
const profiled = eio.backends.uring.available
  ? ["uring", ...(isWhole ? ["pool"] : [])]
  : ["pool"];

/** What a run made is gone, however it ended. */
const nothingLeft = (where = dir): void =>
  expect(fs.readdirSync(where)).toEqual([]);

function expectFigures({ rate, cpuUs, latencyNs, cdf }: Row): void {
  expect(rate.median).toBeGreaterThan(0);
  expect(cpuUs.median).toBeGreaterThan(0);
  expect(latencyNs["p99.9"]!.median).toBeGreaterThanOrEqual(
    latencyNs["p50"]!.median,
  );
  expect(cdf.at(-1)![1]).toBe(1);
}

describe("the bench", () => {
  it("measures a kind of work on each kind of subject", async () => {
    const ended = await bench([
      ...small,
      ...["--rw", "randread", "--runtime", "40ms", "--iodepth", "4"],
      ...["--files", "3", "--backend", "pool", "--json", "-"],
    ]);
    expect(ended.err).toBe("");
    const { outcomes, verdicts, machine } = reportOf(ended);
    expect(outcomes).toHaveLength(1);
    for (const { title, rows, failed } of outcomes) {
      expect({ title, failed }).toEqual({ title, failed: [] });
      expect(rows.map(({ subject }) => subject.name)).toEqual([
        "pool",
        "node:fs promises",
        "node:fs callbacks",
        "node:fs sync",
      ]);
      rows.forEach(expectFigures);
    }
    const pool = outcomes[0]!.rows[0]!;
    expect(pool.goes).toEqual(["pool"]);
    expect(pool.bytesPerSecond.median / pool.rate.median).toBeCloseTo(4096, 6);
    expect(verdicts).toHaveLength(1);
    expect(machine.node).toBe(process.versions.node);
    nothingLeft();
    expect(ended.status).toBe(0);
  });

  it.each(todays(works, 3))(
    "has figures of %s in every style",
    async (work) => {
      const plan = planOf(
        parse([
          ...small,
          ...["--rw", work, "--runtime", "20ms", "--iodepth", "4"],
          ...["--files", "3", "--backend", "pool"],
        ]),
      );
      const [group] = plan.jobs.flatMap(groupsOf);
      const data = new Data(false);
      const made = await data.caseOf(group!);
      for (const subject of group!.subjects) {
        // As in a child process, but for the process.
        const order = { subject, case: made };
        const result = await run(order, () => Promise.resolve());
        expectFigures(rowOf(subject, [result]));
      }
      expect(group!.subjects).toHaveLength(4);
      data.remove();
      nothingLeft();
    },
  );

  it("reports what this library costs by itself, and what the bench costs", async () => {
    const { status, out } = await bench([
      ...small,
      ...["--iodepth", "2", "--backend", "null", "--node", "none"],
    ]);
    expect(out).toMatch(
      /own part: \d+ ns for each operation \(the null backend\), of which about \d+ ns are/,
    );
    expect(status).toBe(0);
  });

  it("prints a table and a verdict for people", async () => {
    const { status, out } = await bench([
      ...small,
      "--iodepth",
      "2",
      ...oneAlone,
    ]);
    expect(out).toMatch(/^node-eio \S+, Node /);
    expect(out).toMatch(/randread 4k at depth 2\n +ops\/s +\+- +MiB\/s +p50/);
    expect(out).toContain(`Only ${soonest} was measured`);
    expect(status).toBe(0);
  });

  it("measures in threads, past the page cache, cold, synced, and each of these as it is said", async () => {
    const cases: string[][] = [
      ["--threads", "2", "--node", "promises"],
      ["--rw", "randwrite", "--fsync", "2"],
    ];
    if (eio.backends.uring.available) cases.push(["--cold"]);
    const probe = createEio();
    try {
      await (await probe.openDirect(folder.file("probe", "x"))).close();
      cases.push(
        ["--direct", "--backend", "all", "--node", "promises"],
        ["--direct", "--api", "callbacks", "--rw", "write"],
      );
    } catch {
      console.log("left out: --direct, which this file system lacks");
    }
    await probe.close();
    for (const more of todays(cases, 2)) {
      const ended = await bench([
        ...small,
        ...poolAlone,
        ...more,
        "--iodepth",
        "2",
        "--json",
        "-",
      ]);
      expect({ more, err: ended.err, status: ended.status }).toEqual({
        more,
        err: "",
        status: 0,
      });
      expect(reportOf(ended).outcomes[0]!.failed).toEqual([]);
      nothingLeft();
    }
  });

  it("reads each block at most once where it is cold or not based on time", async () => {
    const job = folder.file(
      "once.fio",
      `[once]\nrw=randread\nsize=64k\ndirectory=${dir}\nioengine=psync\n`,
    );
    const ended = await bench([job, "--rounds", "1", "--json", "-"]);
    const [row] = reportOf(ended).outcomes[0]!.rows;
    expect(row!.cdf.at(-1)![1]).toBe(1);
    // 16 blocks: a latency is in at most so many different buckets.
    expect(row!.cdf.length).toBeLessThanOrEqual(16);
    expect(ended.status).toBe(0);
  });

  it("writes CSV, JSON and a page", async () => {
    const file = (name: string): string => folder.join(name);
    const { status } = await bench([
      ...small,
      ...oneAlone,
      ...[
        "--iodepth",
        "1,2",
        "--json",
        file("r.json"),
        "--csv",
        file("r.csv"),
        "--html",
        file("r.html"),
      ],
    ]);
    expect(status).toBe(0);
    const lines = fs.readFileSync(file("r.csv"), "utf8").trim().split("\r\n");
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.split(",").length)).size).toBe(1);
    const { tool, format } = JSON.parse(
      fs.readFileSync(file("r.json"), "utf8"),
    ) as Report;
    expect({ tool, format }).toEqual({ tool: "node-eio bench", format: 1 });
    const page = fs.readFileSync(file("r.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/(src|href)=/);
  });

  it.each(profiled)("saves a profile that createEio reads", async (backend) => {
    const file = folder.join("profile.json");
    const ended = await bench([
      ...small,
      ...["--runtime", "20ms", "--iodepth", "2"],
      ...["--backend", backend, "--node", "none", "--profile", file],
    ]);
    expect({ status: ended.status, err: ended.err }).toEqual({
      status: 0,
      err: "",
    });
    const eio = createEio({ profile: file });
    expect((await eio.promises.stat(file)).isFile()).toBe(true);
    await eio.close();
  });

  it("finds a slow way out", async () => {
    const ended = await bench([
      ...[
        "--runtime",
        "60ms",
        "--size",
        "1m",
        "--dir",
        dir,
        "--rounds",
        "5",
        "--iodepth",
        "4",
        "--json",
        "-",
      ],
      ...[
        "--backend",
        "none",
        "--node",
        "promises",
        "--with",
        path.resolve("packages/bench/test/slow.mjs"),
      ],
    ]);
    const { verdicts } = reportOf(ended);
    expect(verdicts[0]!.use).toBe("node:fs promises");
    expect(verdicts[0]!.says[0]).toMatch(
      /^Use node:fs promises: \S+ times \(.*\) as fast as slow\.mjs\.$/,
    );
  });

  it("goes beside fio on the same file", async (context) => {
    if (!has("fio")) return context.skip("fio is not installed");
    const ended = await bench([
      ...small,
      ...poolAlone,
      "--iodepth",
      "2",
      "--peer",
      "fio",
      "--rw",
      "randrw",
      "--json",
      "-",
    ]);
    const { outcomes, verdicts } = reportOf(ended);
    const [, fio] = outcomes[0]!.rows;
    expect(fio).toMatchObject({
      subject: { name: "fio io_uring" },
      loopDelayNs: null,
    });
    expect(fio!.bytesPerSecond.median / fio!.rate.median).toBeCloseTo(4096, 0);
    expect(fio!.latencyNs["p50"]!.median).toBeGreaterThan(0);
    expect(verdicts[0]!.says.join()).toMatch(
      /pool reaches \d\.\d\d times the rate of fio io_uring/,
    );
    expect(ended.status).toBe(0);
  });

  it("says which program beside it is missing, and goes on", async () => {
    const { status, out } = await bench(
      [...small, ...oneAlone, "--iodepth", "1", "--peer", "bun"],
      {
        env: { ...process.env, PATH: "/missing" },
      },
    );
    expect(out).toContain("bun is left out: it is not installed here");
    expect(status).toBe(0);
  });
});

describe("a mistake is reported in one line", () => {
  it("by the command as by the function that it is", async () => {
    const ended = await bench(["--deep"]);
    expect(ended).toEqual(await inProcess(["--deep"]));
  });

  const cases: [
    what: string,
    args: string[],
    status: number,
    says: string | RegExp,
  ][] = [
    ["an option", ["--deep"], 2, "Unknown option '--deep'"],
    ["a value", ["--bs", "much"], 2, '--bs: "much" is no size'],
    [
      "a missing file",
      ["--file", "/missing/file"],
      1,
      /\/missing\/file: there is no such file or folder \(ENOENT/,
    ],
    [
      "a missing folder",
      ["--dir", "/missing/folder"],
      1,
      /\/missing\/folder: there is no such file/,
    ],
    [
      "a folder as a file",
      ["--file", os.tmpdir()],
      2,
      /is no file to read blocks of/,
    ],
    [
      "a file that would be overwritten",
      ["--file", command, "--rw", "write"],
      2,
      /say so with --overwrite/,
    ],
    [
      "a file smaller than a block",
      ["--file", folder.file("tiny", "x")],
      2,
      /has 1 bytes, less than one block/,
    ],
    [
      "a result that cannot be written",
      ["--json", "/missing/r.json"],
      2,
      /\/missing\/r\.json cannot be written/,
    ],
    [
      "a folder as a result",
      ["--csv", os.tmpdir()],
      2,
      /is a folder, and no file to write to/,
    ],
    [
      "two results on one output",
      ["--csv", "-", "--json", "-"],
      2,
      /only one of/,
    ],
  ];
  it.each(cases)("%s", async (_what, args, status, says) => {
    const ended = await inProcess([
      ...small.slice(0, 2),
      ...["--rounds", "1", ...args],
    ]);
    expect(ended.err).toMatch(says);
    expect(ended.err).not.toContain("    at ");
    expect(ended).toMatchObject({ status, out: "" });
  });

  it("no permission", async (context) => {
    const closed = folder.file("closed");
    fs.chmodSync(closed, 0o000);
    const root = process.getuid?.() === 0;
    // Root may do everything: another user runs it.
    const nobody = { uid: 65534, gid: 65534 };
    const readable =
      spawnSync(process.execPath, [command, "--version"], nobody).status === 0;
    if (root && !readable)
      return context.skip("nobody may not read this checkout");
    fs.chmodSync(folder.path, 0o755);
    const ended = await bench(
      ["--file", closed, ...oneAlone],
      root ? nobody : {},
    );
    expect(ended.err).toMatch(/closed: there is no permission \(EACCES/);
    expect(ended.status).toBe(1);
  });

  it("a full disk, and what was written is removed", async (context) => {
    const mount = folder.join("full");
    fs.mkdirSync(mount);
    const mounted = spawnSync("mount", [
      "-t",
      "tmpfs",
      "-o",
      "size=2m",
      "tmpfs",
      mount,
    ]);
    if (mounted.status !== 0)
      return context.skip("a tmpfs cannot be mounted here");
    try {
      const ended = await bench(["--dir", mount, "--size", "8m", ...poolAlone]);
      expect(ended.err).toMatch(
        /there is no room for the files: give a smaller --size.*ENOSPC/,
      );
      expect(ended.status).toBe(1);
      nothingLeft(mount);
      // In the middle of a run, in a child process.
      const args = [
        "--dir",
        mount,
        "--rw",
        "writefile",
        "--bs",
        "1m",
        "--iodepth",
        "16",
        "--rounds",
        "1",
      ];
      const later = await bench([...args, "--runtime", "100ms", ...poolAlone]);
      expect(later.err).toMatch(
        /writefile 1m at depth 16: there is no room for the files/,
      );
      expect(later.status).toBe(1);
      nothingLeft(mount);
    } finally {
      spawnSync("umount", [mount]);
    }
  });

  it("a subject that fails is one row of many, and the status shows it", async () => {
    const broken = folder.file(
      "broken.mjs",
      "export const open = () => { throw new Error('no way'); };",
    );
    const ended = await bench([
      ...small,
      ...oneAlone,
      "--iodepth",
      "1",
      "--with",
      broken,
    ]);
    expect(ended.out).toContain("broken.mjs: failed: no way");
    expect(ended.out).toMatch(new RegExp(`\\n {2}${soonest} +\\d`));
    expect(ended.status).toBe(1);
  });

  it("a child process that dies", async () => {
    const dying = folder.file(
      "dying.mjs",
      "export const open = () => process.kill(process.pid, 'SIGKILL');",
    );
    const ended = await bench([
      ...small,
      ...oneAlone,
      "--iodepth",
      "1",
      "--with",
      dying,
    ]);
    expect(ended.out).toContain(
      "dying.mjs: failed: the process ended (status SIGKILL)",
    );
    expect(ended.status).toBe(1);
  });
});

describe("a signal", () => {
  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const;
  it.each(todays(signals, 3))(
    "%s in the middle ends it with %d, its files and its children",
    async (signal, status) => {
      // It shows by a file that it is being measured, and would go on for ever.
      const gate = folder.join(`${signal}.pid`);
      const module = folder.file(
        `${signal}.mjs`,
        `import fs from "node:fs";
       export const open = () => { fs.writeFileSync(${JSON.stringify(gate)}, String(process.pid)); return new Promise(() => setInterval(() => {}, 1000)); };`,
      );
      const running = bench([
        ...small,
        "--backend",
        "none",
        "--node",
        "none",
        "--with",
        module,
      ]);
      await new Promise<void>((resolve) => {
        const watcher = fs.watch(folder.path, () => {
          if (!fs.existsSync(gate) || fs.readFileSync(gate, "utf8") === "")
            return;
          watcher.close();
          resolve();
        });
      });
      expect(fs.readdirSync(dir)).toHaveLength(1);
      process.kill(running.pid, signal);
      const ended = await running;
      expect(ended.err).toContain(`ended by ${signal}; its files are removed`);
      expect(ended.status).toBe(status);
      nothingLeft();
      const child = Number(fs.readFileSync(gate, "utf8"));
      // Killed, and perhaps not reaped yet by whoever inherited it.
      const state = (): string => {
        try {
          return /\) (\S)/.exec(
            fs.readFileSync(`/proc/${child}/stat`, "utf8"),
          )![1]!;
        } catch {
          return "gone";
        }
      };
      await until(() => ["gone", "Z", "X"].includes(state()));
    },
  );
});
