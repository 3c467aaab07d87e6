// NODE_EIO_SUMMARY=1: the line at the end of a process, by real processes and by figures that are made up. What backends there are here is not
// known.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { summaryLine, type Counts } from "../../../src/api/observe/summary.ts";
import { testFolder } from "../../helpers/files.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const folder = testFolder();

function run(
  program: string,
  env: NodeJS.ProcessEnv,
  ...flags: string[]
): { out: string; err: string; status: number | null } {
  const file = folder.join("program.cjs");
  fs.writeFileSync(file, program);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...flags, file],
    { encoding: "utf8", env: { ...process.env, ...env }, cwd: root },
  );
  return { out: stdout, err: stderr, status };
}

const promises = JSON.stringify(path.join(root, "dist/promises.cjs"));
const register = path.join(root, "dist/register.cjs");
const on = { NODE_EIO_SUMMARY: "1" };

const threeReads = (specifier: string): string => `
  const fs = require(${specifier});
  (async () => {
    await fs.readFile(__filename);
    await fs.readFile(__filename);
    await fs.readFile("missing").catch(() => {});
    console.log("done");
  })();`;

describe("a process with NODE_EIO_SUMMARY=1", () => {
  it.each([
    ["node-eio/promises", threeReads(promises), []],
    ["register", threeReads('"node:fs/promises"'), ["--require", register]],
  ])(
    "says at its end what was served by what, by %s",
    (_door, program, flags) => {
      const { out, err, status } = run(program, on, ...flags);
      expect([out, status]).toEqual(["done\n", 0]);
      expect(err).toMatch(
        /^node-eio: 3 requests in [\d.]+ s: (\d+ by \w+(, )?)+; 1 failed; waited p50 [\d.]+ ms, p99 [\d.]+ ms, at most [\d.]+ ms; ran p50 .*; \d+ % waited for no thread\n$/,
      );
      const counts = [...err.matchAll(/(\d+) by /g)].map(([, n]) => Number(n));
      expect(counts.reduce((a, b) => a + b)).toBe(3);
    },
  );

  it("says it also where the process ends itself, and keeps the status", () => {
    const program = `require(${promises}).readFile(__filename).then(() => process.exit(3));`;
    const { err, status } = run(program, on);
    expect(status).toBe(3);
    expect(err).toMatch(/^node-eio: 1 requests in /);
  });

  it("says under register that there were none", () => {
    const { err } = run("", on, "--require", register);
    expect(err).toMatch(/^node-eio: no requests in [\d.]+ s\n$/);
  });

  it("refuses a value that is no switch", () => {
    const { err, status } = run(threeReads(promises), {
      NODE_EIO_SUMMARY: "yes",
    });
    expect(err).toContain("NODE_EIO_SUMMARY");
    expect(err).toContain("ERR_EIO_INVALID_OPTION");
    expect(status).not.toBe(0);
  });
});

it.each([
  ["", "0"],
  ["register", "false"],
])(
  "a process without it (%s, %j) says nothing, loads nothing for it and times one in many requests",
  (door, value) => {
    const program = `
      const { eio } = require(${JSON.stringify(path.join(root, "dist/index.cjs"))});
      eio.promises.readFile(__filename).then(() => {
        const loaded = Object.keys(require.cache).some((file) => /summary/.test(file));
        console.log(JSON.stringify([loaded, eio.stats().sampledEvery > 1, process.listenerCount("exit")]));
      });`;
    const flags = door === "" ? [] : ["--require", register];
    const { out, err } = run(program, { NODE_EIO_SUMMARY: value }, ...flags);
    expect(err).toBe("");
    expect(JSON.parse(out)).toEqual([false, true, 0]);
  },
);

describe("the line", () => {
  const times = { count: 9, min: 0, mean: 0, p90: 0, p999: 0 };
  const counts: Counts = {
    submitted: 12,
    settled: 10,
    failed: 2,
    cancelled: 1,
    byBackend: { threads: 3, nowait: 6 },
    times: {
      wait: { ...times, p50: 0.0123, p99: 1.25, max: 80.04 },
      run: { ...times, p50: 0.5, p99: 2, max: 3 },
    },
    tookMs: 1234,
  };
  it("has each figure, the backend with the most first", () => {
    expect(summaryLine(counts)).toBe(
      "node-eio: 12 requests in 1.2 s: 6 by nowait, 3 by threads; 2 failed; 1 cancelled; 2 not finished; " +
        "waited p50 0.012 ms, p99 1.3 ms, at most 80.0 ms; ran p50 0.50 ms, p99 2.0 ms, at most 3.0 ms; 67 % waited for no thread",
    );
  });
  it("has no times where nothing ran", () => {
    const nothing = { byBackend: {}, times: null, settled: 12, failed: 0 };
    expect(summaryLine({ ...counts, ...nothing, cancelled: 12 })).toBe(
      "node-eio: 12 requests in 1.2 s; 12 cancelled",
    );
  });
});
