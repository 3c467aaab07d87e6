// Reads what runners of tests print, to a list of names with the outcome of each: TAP as node:test, tap and mocha write
// it, and the marks of micro-should. It does not know which client prints it.
import { stripVTControlCharacters } from "node:util";

const RESULT = /^( *)(not )?ok(?: \d+)?(?: -)? ?(.*)$/;
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
