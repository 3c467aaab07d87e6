// The three sentences of the bench without options, by rates that are made up; which options still are "without", and how many
// rounds there are where no time is left.
import { describe, expect, it } from "vitest";
import { answerOf } from "../src/answer/answer.ts";
import { answerJob, ownChoice } from "../src/answer/job.ts";
import { Data } from "../src/data.ts";
import { groupsOf } from "../src/job.ts";
import { machineFacts } from "../src/machine.ts";
import { parse, planOf, wantsAnswer } from "../src/options.ts";
import { barText, startProgress } from "../src/progress.ts";
import { runGroupsUntil } from "../src/rounds.ts";
import { answerText } from "../src/run.ts";
import type { Work } from "../src/case.ts";
import { testFolder } from "../../../test/helpers/files.ts";
import { outcome, subjects } from "./rows.ts";

const folder = testFolder();
const { promises, auto, pool } = subjects;
/** Rounds that agree within some percent. */
const about = (rate: number): number[] =>
  [0.99, 1, 1.02, 1.01, 0.98, 1, 1.01].map((share) => rate * share);
const noisy = (rate: number): number[] =>
  [0.5, 1, 1.9, 1.2, 0.6, 1, 1.7].map((share) => rate * share);

/** Rates of node:fs, of node-eio as it is, and of the pool. */
const work = (name: Work, node: number[], own: number[], other: number[]) =>
  outcome(
    [
      [promises, node],
      [auto, own],
      [pool, other],
    ],
    { work: name },
  );

describe("the answer", () => {
  it("is to set nothing where what is chosen here is faster than node:fs and no other backend faster than that", () => {
    const { set, says, winners } = answerOf([
      work("readfile", about(100), about(300), about(250)),
      work("stat", about(100), about(500), about(400)),
    ]);
    expect(set).toBeNull();
    expect(winners).toEqual(["auto", "auto"]);
    expect(says).toEqual([
      "node-eio is 3.0 times as fast at reading files (3.0 to 3.0) and 5.0 times as fast at looking files up (stat) (5.0 to 5.0), compared with node:fs.",
      `Set nothing: node-eio chooses ${ownChoice()} by itself, and pool is not faster by more than the noise.`,
      expect.stringMatching(
        /^How sure: 7 rounds in turn, in which the ratios were up to \d+ % off their median; a difference of less than \d+ % would not have shown\.$/,
      ) as string,
    ]);
  });

  it("is a backend to set where that is faster at something and slower at nothing", () => {
    const { set, says } = answerOf([
      work("readfile", about(100), about(300), about(600)),
      work("stat", about(100), about(500), about(500)),
    ]);
    expect(set).toBe("pool");
    expect(says[1]).toBe(
      `Set NODE_EIO_BACKEND=pool in the environment, or createEio({ backend: "pool" }): that is 2.0 times as fast at reading files as what node-eio chooses by itself (${ownChoice()}).`,
    );
    expect(says[0]).toMatch(/^node-eio with pool is 6\.0 times as fast/);
  });

  it("is no backend that is faster at one thing and slower at another", () => {
    const { set } = answerOf([
      work("readfile", about(100), about(300), about(600)),
      work("stat", about(100), about(500), about(200)),
    ]);
    expect(set).toBeNull();
  });

  it("says where node:fs is faster, and expects nothing where it is faster throughout", () => {
    const mixed = answerOf([
      work("readfile", about(100), about(300), about(300)),
      work("writefile", about(200), about(100), about(100)),
    ]);
    expect(mixed.says[0]).toContain(
      "; node:fs is 2.0 times as fast at writing files (2.0 to 2.0), compared with node-eio.",
    );
    const none = answerOf([work("stat", about(200), about(100), about(100))]);
    expect(none.winners).toEqual(["node:fs promises"]);
    expect(none.says[1]).toMatch(/^Set nothing, and expect nothing/);
  });

  it("is that the noise is too large, where it is", () => {
    const { says, winners } = answerOf([
      work("stat", noisy(100), about(120), about(110)),
    ]);
    expect(winners).toEqual([null]);
    expect(says[0]).toBe(
      "For looking files up (stat) these runs show no difference between node-eio and node:fs.",
    );
    expect(says[1]).toMatch(/^Set nothing yet: the noise is too large to tell/);
  });

  it("is three sentences above its conditions, and tables only for who asks for them", () => {
    const outcomes = [work("stat", about(100), about(500), about(400))];
    const answer = answerOf(outcomes);
    const report = {
      tool: "node-eio bench" as const,
      format: 1 as const,
      command: "node-eio bench",
      machine: machineFacts("."),
      rounds: 7,
      outcomes,
      verdicts: [{ title: "stat", use: null, says: ["A verdict."] }],
      answer,
      notes: [],
      profile: null,
    };
    const lines = answerText(report, answer, false).split("\n");
    expect(lines.slice(0, 4)).toEqual([...answer.says, ""]);
    expect(lines).toHaveLength(7);
    expect(answerText(report, answer, true)).toContain("ops/s");
  });
});

describe("without options", () => {
  it.each([
    [[], true],
    [["--dir", ".", "--verbose", "--html", "r.html", "--quiet"], true],
    [["--rw", "stat"], false],
    [["--save"], false],
    [["job.fio"], false],
    [["--direct"], false],
  ])("%j is: %s", (args, is) => {
    expect(wantsAnswer(parse(args))).toBe(is);
  });

  it("measures node:fs, what is chosen here, and what else there is, at each of the works", () => {
    const { jobs, answer } = planOf(parse(["--dir", folder.path]));
    expect(answer).toBe(true);
    const groups = jobs.flatMap(groupsOf);
    expect(groups.map(({ draft }) => draft.work)).toEqual([
      "readfile",
      "writefile",
      "stat",
    ]);
    const names = groups[0]!.subjects.map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(["node:fs promises", "auto"]);
    expect(names).not.toContain(ownChoice());
  });

  it("makes the fewest rounds that say anything where no time is left, and removes its files", async () => {
    const job = {
      ...answerJob(folder.path),
      works: ["stat" as const],
      subjects: [promises],
      runtimeMs: 200,
      rampMs: 0,
      files: 2,
    };
    const data = new Data(false);
    const seen: string[] = [];
    const { rounds, outcomes } = await runGroupsUntil(
      groupsOf(job),
      0,
      data,
      (done, of) => seen.push(`${done}/${of}`),
    );
    data.remove();
    expect(rounds).toBe(3);
    expect(outcomes[0]!.rows[0]!.rates).toHaveLength(3);
    expect(seen).toEqual(["0/3", "0/3", "1/3", "2/3"]);
  });
});

it("a bar is as full as the work is done", () => {
  expect(barText(0, 10)).toBe(`[${" ".repeat(24)}] 0 %`);
  expect(barText(5, 10)).toBe(`[${"#".repeat(12)}${" ".repeat(12)}] 50 %`);
  expect(barText(10, 10)).toBe(`[${"#".repeat(24)}] 100 %`);
});

it("progress is one line on a terminal, which is gone at the end, and nothing where there is none", () => {
  const written: string[] = [];
  const write = (text: string): boolean => (written.push(text), true);
  const columns = 60;
  const bar = startProgress(false, { isTTY: true, columns, write });
  bar.watch(0, 4, "making files");
  bar.watch(
    1,
    4,
    "a very long name of what is going on just now, and more of it",
  );
  bar.stop();
  const shown = written.map((text) => text.replaceAll("\r\x1b[K", ""));
  expect(shown[0]).toBe(`[${" ".repeat(24)}] 0 % making files`);
  expect(shown[1]).toMatch(/^\[#{6} {18}\] 25 % about 1 s left, a very/);
  expect(shown[1]!.length).toBeLessThan(columns);
  expect(written.at(-1)).toBe("\r\x1b[K");
  written.length = 0;
  for (const [quiet, isTTY, columns] of [
    [true, true, 80],
    [false, false, 80],
    [false, true, 0],
  ] as const) {
    const none = startProgress(quiet, { isTTY, columns, write });
    none.watch(1, 2, "work");
    none.stop();
  }
  expect(written).toEqual([]);
});
