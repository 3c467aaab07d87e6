// What runners of tests print, read to names and outcomes: as node:test, tap, mocha and micro-should write it; and what runs on two
// file systems differ in.
import { expect, it } from "vitest";
import {
  compareRuns,
  readReport,
} from "../../scripts/support/suite-report.mjs";

const read = (text: string): unknown => Object.fromEntries(readReport(text));

it("names a test of node:test by its parents", () => {
  const report = `TAP version 13
# Subtest: outer
    # Subtest: inner
    ok 1 - inner
      ---
      duration_ms: 1
      ...
    # Subtest: left out
    ok 2 - left out # SKIP no such system
    1..2
not ok 1 - outer
1..1
`;
  expect(read(report)).toEqual({ "outer > inner": true, outer: false });
});

it("reads tap's assertions, whose time is no part of the name", () => {
  const report = `# Subtest: files
    ok 1 - is there # time=3.5ms
    not ok 2 - has content
    1..2
not ok 1 - files # time=12ms {
`;
  expect(read(report)).toEqual({
    "files > is there": true,
    "files > has content": false,
    files: false,
  });
});

it("takes no assertion in the message of a failure for a test", () => {
  const report = `☓ should emit paths
AssertionError [ERR_ASSERTION]: The expression evaluated to a falsy value:
  ok(calledWith(spy, ["change"]))
`;
  expect(read(report)).toEqual({ "should emit paths": false });
});

it("numbers tests of the same name, as mocha prints them", () => {
  const report =
    "1..3\nok 1 saves\nnot ok 2 saves\n  Error: no\nok 3 saves\n# pass 2\n";
  expect(read(report)).toEqual({
    saves: true,
    "saves (2)": false,
    "saves (3)": true,
  });
});

it("reads the marks of micro-should, in colour", () => {
  const report =
    "☆ watch/adds:\n\u001b[32m✓ watch/adds\u001b[0m\n\u001b[31m☓ watch/removes\u001b[0m\n";
  expect(read(report)).toEqual({ "watch/adds": true, "watch/removes": false });
});

const run = (outcomes: Record<string, boolean>): Map<string, boolean> =>
  new Map(Object.entries(outcomes));

it("holds against the second what passes in each run of the first, though it was only left out", () => {
  const first = [run({ saves: true, reads: true, links: false })];
  const second = [run({ saves: false }), run({ saves: true, reads: true })];
  expect(compareRuns([...first, ...first], second)).toEqual({
    valid: 2,
    equalRuns: 1,
    differing: [
      { name: "saves", times: 1 },
      { name: "reads", times: 1 },
    ],
    unsteady: [],
    gained: [],
  });
});

it("counts the runs of the second in which all passes that passes in each of the first", () => {
  const first = run({ saves: true, reads: true, links: false });
  const good = run({ saves: true, reads: true });
  const { equalRuns } = compareRuns([first], [good, run({}), first]);
  expect(equalRuns).toBe(2);
});

it("names what passes in no run of the first, or is not there, and in all of the second", () => {
  const first = run({ saves: true, links: false });
  const second = [
    run({ saves: true, links: true, reads: true, writes: true }),
    run({ saves: true, links: true, reads: true }),
  ];
  const { gained } = compareRuns([first, first], second);
  expect(gained).toEqual(["links", "reads"]);
});

it("names what the first fails in some of its runs, first seen in any of them, with the failures of both", () => {
  const first = [run({ saves: false }), run({ saves: true, reads: true })];
  const second = [run({ saves: true, reads: true }), run({ reads: true })];
  expect(compareRuns(first, second)).toEqual({
    valid: 0,
    equalRuns: 2,
    differing: [],
    unsteady: [
      { name: "saves", node: 1, ours: 1 },
      { name: "reads", node: 1, ours: 0 },
    ],
    gained: [],
  });
});
