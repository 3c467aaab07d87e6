/**
 * The last lines of a run: scripts/sum-results.mjs as .ci/run calls it, on result files of vitest's shape.
 * The end of a log must be enough to know what failed, and a run without results is never a success.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { testFolder } from "../helpers/files.ts";

const script = path.resolve("scripts/sum-results.mjs");
const folder = testFolder();

function sum(results: object | undefined, ...failedSteps: string[]) {
  const file = folder.join(results ? "results.json" : "none.json");
  if (results) fs.writeFileSync(file, JSON.stringify(results));
  const { status, stdout } = spawnSync(
    process.execPath,
    [script, file, ...failedSteps],
    { encoding: "utf8" },
  );
  return { status, lines: stdout.trim().split("\n") };
}

function resultsOf(...testResults: object[]) {
  return {
    numPassedTests: 3,
    numPendingTests: 1,
    numTodoTests: 1,
    numTotalTests: 5,
    testResults,
  };
}

const failedFile = {
  name: path.resolve("test/a.test.ts"),
  status: "failed",
  message: "",
  assertionResults: [
    { status: "passed", fullName: "a adds", failureMessages: [] },
    {
      status: "failed",
      fullName: "a divides",
      failureMessages: ["AssertionError: expected 1 to be 2\n    at a.ts:1"],
    },
  ],
};

describe("the last lines of a run", () => {
  it("are the sums alone when all passed", () => {
    expect(sum(resultsOf())).toEqual({
      status: 0,
      lines: ["3 passed, 0 failed, 2 skipped"],
    });
  });

  it("name each test that failed and say why, and count it once although its step failed, too", () => {
    expect(sum(resultsOf(failedFile), "test")).toEqual({
      status: 1,
      lines: [
        "FAILED test/a.test.ts: a divides",
        "    AssertionError: expected 1 to be 2",
        "        at a.ts:1",
        "3 passed, 1 failed, 2 skipped",
      ],
    });
  });

  it("name a file that could not be loaded, and the other steps that failed", () => {
    const unloaded = {
      name: path.resolve("test/b.test.ts"),
      status: "failed",
      message: "Cannot find module",
      assertionResults: [],
    };
    expect(sum(resultsOf(unloaded), "test", "lint").lines).toEqual([
      "FAILED test/b.test.ts",
      "    Cannot find module",
      "failed steps: lint",
      "3 passed, 2 failed, 2 skipped",
    ]);
  });

  it("say that there are no results, which is a failure", () => {
    expect(sum(undefined)).toEqual({
      status: 1,
      lines: ["there are no test results", "0 passed, 1 failed, 0 skipped"],
    });
  });
});
