// Reads what runners of tests print, to a list of names with the outcome of each: TAP as node:test, tap and mocha write
// it, and the marks of micro-should; and compares those of several runs. It does not know which client prints it.
import { stripVTControlCharacters } from "node:util";

const RESULT = /^( *)(not )?ok(?![^ ])(?: \d+)?(?: -)? ?(.*)$/;
const SUBTEST = /^( *)# Subtest: (.*)$/;
const MARK = /^([✓☓]) (.*)$/;
const INDENT = 4;

/** @returns {Map<string, boolean>} whether each passed; a test of the same name once more is numbered */
export function readReport(text) {
  const outcomes = new Map();
  const parents = [];
  const times = new Map();
  const add = (name, passed) => {
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    outcomes.set(nth === 1 ? name : `${name} (${nth})`, passed);
  };
  for (const line of stripVTControlCharacters(text).split("\n")) {
    const mark = MARK.exec(line);
    if (mark) add(mark[2], mark[1] === "✓");
    const subtest = SUBTEST.exec(line);
    if (subtest) parents[subtest[1].length / INDENT] = subtest[2];
    const result = RESULT.exec(line);
    if (!result) continue;
    const [, indent, not, rest] = result;
    const depth = indent.length / INDENT;
    const title = rest.replace(/ # time=.*$/, "").replace(/ \{$/, "");
    const [, name, directive] = /^(.*?)(?: # (skip|todo).*)?$/i.exec(title);
    if (directive !== undefined) continue;
    add([...parents.slice(0, depth), name].join(" > "), not === undefined);
  }
  return outcomes;
}

/**
 * Two lists of runs of the same tests, each as `readReport` gives it.
 * @returns {{valid: number, equalRuns: number, differing: {name: string, times: number}[], unsteady: {name: string, node: number, ours: number}[], gained: string[]}}
 * how many tests pass in all runs of the first; in how many runs of the second all of those pass, and which do not, or are
 * not there, in how many; which pass in some of the first only, and how often they did not in each; and which pass in none
 * of the first and in all of the second
 */
export function compareRuns(first, second) {
  const failures = (runs, name) =>
    runs.filter((run) => run.get(name) !== true).length;
  const names = new Set(
    [...first, ...second].flatMap((run) => [...run.keys()]),
  );
  const tests = [...names].map((name) => ({
    name,
    node: failures(first, name),
    ours: failures(second, name),
  }));
  const valid = tests.filter(({ node }) => node === 0);
  return {
    valid: valid.length,
    equalRuns: second.filter((run) =>
      valid.every(({ name }) => run.get(name) === true),
    ).length,
    differing: valid
      .filter(({ ours }) => ours > 0)
      .map(({ name, ours }) => ({ name, times: ours })),
    unsteady: tests.filter(({ node }) => node > 0 && node < first.length),
    gained: tests
      .filter(({ node, ours }) => node === first.length && ours === 0)
      .map(({ name }) => name),
  };
}
