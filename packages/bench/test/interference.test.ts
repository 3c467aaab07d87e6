// The interference bench: its words by fixed figures, and a short run of it with what this machine allows.
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  verdict,
  type InterferenceReport,
} from "../src/interference/report.ts";
import { testFolder } from "../../../test/helpers/files.ts";
import { runNode, type Ended } from "../../../test/helpers/run-node.ts";
import { inProcess } from "./in-process.ts";

const folder = testFolder();
const run = (...args: string[]): Promise<Ended> =>
  runNode([path.resolve("dist/cli.js"), "bench", "interference", ...args], {
    env: { ...process.env, TMPDIR: folder.path },
  });

describe("a verdict", () => {
  /** Rounds that agree within some percent. */
  const about = (ratio: number): number[] =>
    [0.97, 1, 1.04, 0.99, 1.02].map((share) => ratio * share);

  it.each([
    [
      "hung",
      about(500),
      "p99 is 500 times as long with node:fs (485 to 520): the goal of 10 is reached",
    ],
    ["bulk", about(2.94), "p99 is 2.9 times as long with node:fs (2.9 to 3.1)"],
    [
      "quiet",
      about(0.5),
      "p99 is 2.0 times as long with node-eio (1.9 to 2.1)",
    ],
    [
      "hung",
      about(3),
      "p99 is 3.0 times as long with node:fs (2.9 to 3.1), short of the goal of 10",
    ],
    [
      "crypto",
      about(10),
      "p99 is 10 times as long with node:fs (9.7 to 10); whether that reaches the goal of 10, these rounds do not say",
    ],
    [
      "quiet",
      [0.8, 1.2, 1.1, 0.9, 1],
      "p99 shows no difference in these rounds (with node:fs it is 0.8 to 1.2 times that of node-eio)",
    ],
    [
      "hung",
      [500],
      "with node:fs p99 was 500 times as long; that is no more than a hint: it takes at least 3 rounds to tell the two apart",
    ],
  ] as const)("of %s at %j", (name, ratios, says) =>
    expect(verdict(name, ratios)).toBe(says),
  );

  it("says why not, where it falls short", () => {
    expect(verdict("dns", about(1.4))).toMatch(
      /short of the goal of 10: libuv lets lookups take half/,
    );
    expect(verdict("crypto", about(4))).toMatch(
      /short of the goal of 10: pbkdf2 keeps/,
    );
  });
});

describe("the interference bench", () => {
  it("measures both, and removes its mount and its files", async () => {
    const { status, stdout, stderr } = await run(
      "--only",
      "quiet,hung",
      "--rounds",
      "1",
      "--runtime",
      "200ms",
      "--json",
      "-",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { scenarios, leftOut } = JSON.parse(stdout) as InterferenceReport;
    for (const { name, figures } of scenarios) {
      expect(figures["node-eio"].perSecond).toBeGreaterThan(0);
      expect(figures["node-eio"].unanswered).toBe(0);
      // All of libuv's threads wait for the mount.
      const held = name === "hung" ? 16 : 0;
      expect(figures["node:fs"].unanswered).toBe(held);
    }
    expect(scenarios.length + leftOut.length).toBe(2);
    for (const { reason } of leftOut)
      console.log(`left out: a hung mount: ${reason}`);
    expect(fs.readFileSync("/proc/self/mounts", "utf8")).not.toContain(
      folder.path,
    );
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });

  it.each([
    [["--only", "noise"], /--only: "noise" is none of quiet, crypto/],
    [["--rounds", "none"], /--rounds: "none" is no whole number/],
    [["--loud"], /Unknown option '--loud'/],
  ])("%j is refused", async (args, says) => {
    const { status, out, err } = await inProcess(["interference", ...args]);
    expect(err).toMatch(says);
    expect({ status, out }).toEqual({ status: 2, out: "" });
  });
});
