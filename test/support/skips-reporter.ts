// What a run left out and why, as one table at its end. The reason is what the test itself gave, or else the
// condition of skipIf() or runIf() as it is in the source; it knows no test.
import fs from "node:fs";
import path from "node:path";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

/** Conditions in words; any other is shown as it is written. */
const inWords: readonly [RegExp, string][] = [
  [/addon|native|withAddon|attached|lanes/i, "there is no native code here"],
  [/missing|whyNot|noFaults|noNginx/, "what it takes is not on this machine"],
  [
    /getuid|\broot\b|isRoot/,
    "it is about the other kind of user (root or not)",
  ],
  [/major|glob|canDrop|nodeGlob/, "this release of Node lacks it"],
  [/isElsewhere/, "it takes a second file system"],
];

export default class SkipsReporter implements Reporter {
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
    if (rows.size === 0) return;
    console.log("\nLeft out, and why:");
    for (const [why, { count, where }] of rows)
      console.log(
        `${String(count).padStart(5)}  ${why}: ${[...where].join(" ")}`,
      );
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === "skipped" && result.note) return result.note;
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

function conditionAt(file: string, line: number | undefined): string | null {
  if (line === undefined) return null;
  const lines = fs.readFileSync(file, "utf8").split("\n");
  const text = lines.slice(line - 1, line + 2).join(" ");
  return (
    /\.(?:skipIf|runIf)\((.*?)\)(?:\.each|\(|,|;|$)/.exec(text)?.[1] ?? null
  );
}
