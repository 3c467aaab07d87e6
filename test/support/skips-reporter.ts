// What a run left out and why, as one table at its end. The reason is what the test itself gave or printed, or else the
// condition of skipIf() or runIf() as it is in the source; it knows no test.
import fs from "node:fs";
import path from "node:path";
import type { UserConsoleLog } from "vitest";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

/** Conditions in words; any other is shown as it is written. */
const inWords: readonly [RegExp, string][] = [
  [/^runIf !eio\.backends/, "there is native code here"],
  [
    /addon|native|withAddon|attached|lanes|eio\.backends/i,
    "there is no native code here",
  ],
  [
    /getuid|\broot\b|isRoot/,
    "it is about the other kind of user (root or not)",
  ],
  [
    /missing|\bwhy|noFaults|noNginx|driver|perl|treescan|[aA]vailable|hasBrowser/,
    "what it takes is not on this machine",
  ],
  [
    /major|glob|canDrop|nodeGlob|checksOptions/,
    "this release of Node has it otherwise, or not",
  ],
  [/isElsewhere/, "it takes a second file system"],
  [/\b(?:runs|backend|mode|method)\b/, "it is not for this backend or mode"],
];
/** What tests print of a part of theirs. */
const SAYS_SO = /\bleft out\b|\bis not installed here\b/;
const IMPORTED = /\bimport\("(\.\/[\w.-]+\.test\.ts)"\)/g;

/** Files that were left out before any was run. */
export interface Excluded {
  files: readonly string[];
  why: string;
}

export default class SkipsReporter implements Reporter {
  readonly #excluded: Excluded | undefined;
  readonly #printed = new Set<string>();

  constructor(excluded?: Excluded) {
    this.#excluded = excluded;
  }

  onUserConsoleLog({ content }: UserConsoleLog): void {
    for (const line of content.split("\n"))
      if (SAYS_SO.test(line)) this.#printed.add(line.trim());
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, { count: number; where: Set<string> }>();
    for (const module of modules)
      for (const test of module.children.allTests("skipped")) {
        const why = reasonOf(test);
        const row = rows.get(why) ?? { count: 0, where: new Set() };
        row.count++;
        row.where.add(path.relative(process.cwd(), module.moduleId));
        rows.set(why, row);
      }
    const { files = [], why = "" } = this.#excluded ?? {};
    const lines = [
      ...[...rows].map(([why, { count, where }]) =>
        rowOf(String(count), `${why}: ${[...where].join(" ")}`),
      ),
      ...(files.length === 0
        ? []
        : [rowOf("all", `${why}: ${files.join(" ")}`)]),
      ...[...this.#printed].map((line) => rowOf("part", line)),
    ];
    if (lines.length > 0)
      console.log(["\nLeft out, and why:", ...lines].join("\n"));
  }
}

const rowOf = (count: string, text: string): string =>
  `${count.padStart(5)}  ${text}`;

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note) return result.note;
  const [, inName] = /\(skipped: (.+?)\)/.exec(test.fullName) ?? [];
  if (inName !== undefined) return inName;
  const condition = conditionOf(test);
  if (condition === null) return "no reason is given";
  return inWords.find(([pattern]) => pattern.test(condition))?.[1] ?? condition;
}

/** That of the test, or of the nearest suite around it that has one. */
function conditionOf(test: TestCase): string | null {
  for (
    let one: TestCase | TestSuite | TestModule = test;
    one.type !== "module";
    one = one.parent
  ) {
    const found = conditionAt(test.module.moduleId, one.location?.line);
    if (found !== null) return found;
  }
  return null;
}

/** `skipIf CONDITION` or `runIf CONDITION`, in this file or in one that it takes its tests from. */
function conditionAt(file: string, line: number | undefined): string | null {
  if (line === undefined) return null;
  const source = fs.readFileSync(file, "utf8");
  const text = source
    .split("\n")
    .slice(line - 1, line + 2)
    .join(" ");
  const [, verb, condition] =
    /\.(skipIf|runIf)\((.*?)\)(?:\.each|\(|,|;|$)/.exec(text) ?? [];
  if (condition !== undefined) return `${verb} ${condition}`;
  for (const [, imported = ""] of source.matchAll(IMPORTED)) {
    const found = conditionAt(path.resolve(file, "..", imported), line);
    if (found !== null) return found;
  }
  return null;
}
