// The table at the end of a run: whatever was left out is in it, with a reason, whoever says so.
import type { TestCase, TestModule } from "vitest/node";
import { expect, it, onTestFinished, vi, type UserConsoleLog } from "vitest";
import SkipsReporter, { type Excluded } from "../support/skips-reporter.ts";
import { testFolder } from "../helpers/folder.ts";

const folder = testFolder();

/** What is printed after a run in which these tests of a file were skipped, and this was printed. */
function tableOf(
  source: string,
  skipped: { line?: number; note?: string; name?: string }[],
  printed = "",
  excluded?: Excluded,
): string {
  const moduleId = folder.file("a.test.ts", source);
  const module = { type: "module", moduleId } as TestModule;
  const tests = skipped.map(({ line, note, name = "a" }) => ({
    type: "test",
    parent: module,
    module,
    fullName: name,
    location: line === undefined ? undefined : { line, column: 1 },
    result: () => ({ state: "skipped", note }),
  }));
  const children = { allTests: () => tests as unknown as TestCase[] };
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const reporter = new SkipsReporter(excluded);
  reporter.onUserConsoleLog({ content: printed } as UserConsoleLog);
  reporter.onTestRunEnd([{ ...module, children } as unknown as TestModule]);
  return log.mock.calls.join("\n");
}

it("is not there where nothing was left out", () => {
  expect(tableOf("", [], "100,000 requests: 90 MB\n")).toBe("");
});

it("counts tests by the reason that they gave, or that is in their names", () => {
  const table = tableOf("", [
    { note: "fio is not installed" },
    { name: "uring (skipped: it is forbidden) > reads" },
    { name: "uring (skipped: it is forbidden) > writes" },
  ]);
  expect(table).toMatch(/^ {4}1 {2}fio is not installed: .*a\.test\.ts$/m);
  expect(table).toMatch(/^ {4}2 {2}it is forbidden: .*a\.test\.ts$/m);
});

it("has conditions of the source in words, and others as they are written", () => {
  const source = `it.skipIf(loadNative().addon === null)("a", () => {});
    //
    //
    it.runIf(moon === "full")("b", () => {});`;
  const table = tableOf(source, [{ line: 1 }, { line: 4 }]);
  expect(table).toContain("    1  there is no native code here: ");
  expect(table).toContain('    1  runIf moon === "full": ');
});

it("has files that were not run at all, and parts of tests that printed so", () => {
  const table = tableOf(
    "",
    [],
    "left out: a hung mount: no FUSE\nsomething else\n",
    { files: ["b.test.ts", "c.test.ts"], why: "for want of the addon" },
  );
  expect(table).toContain("  all  for want of the addon: b.test.ts c.test.ts");
  expect(table).toContain(" part  left out: a hung mount: no FUSE");
  expect(table).not.toContain("something else");
});
