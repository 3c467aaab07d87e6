// bench:wide itself, on this Node and for a moment: its rows run on both sides and come to figures. What the figures are
// is no matter here.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { runNode } from "../helpers/run-node.ts";
import type { WideReport } from "../../bench/wide/placing.ts";

it("measures a row on this library, on this Node and in C, and saves what it found", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-wide-"));
  const json = path.join(folder, "wide.json");
  const major = process.versions.node.split(".")[0];
  const { stdout, stderr } = await runNode([
    "bench/wide.mjs",
    ...["--rows", "^readFile@12KB|^writeFileNew@4KiB"],
    ...["--peers", `node${major},limit`],
    ...["--rounds", "2", "--seconds", "0.02", "--json", json],
  ]);
  expect(stderr).toBe("");
  expect(stdout).toContain("readFile, 12 KB, 8 in flight");
  const report = JSON.parse(fs.readFileSync(json, "utf8")) as WideReport;
  fs.rmSync(folder, { recursive: true });

  const names = [`eio@node${major}`, `node${major}`];
  if (report.leftOut.length === 0) names.push("limit");
  expect(report.rows.map(({ name }) => name)).toEqual([
    "readFile@12KB/8",
    "writeFileNew@4KiB/16",
  ]);
  for (const { subjects, failed } of report.rows) {
    expect(failed).toEqual({});
    expect(Object.keys(subjects)).toEqual(names);
    for (const figures of Object.values(subjects))
      for (const list of [figures.rate, figures.cpuUs, figures.p99Us]) {
        expect(list).toHaveLength(2);
        expect(Math.min(...list)).toBeGreaterThan(0);
      }
  }
});
