// Which test files share a process with others: by what they say, as vitest.config.ts decides it for all of them.
import { expect, it } from "vitest";
import { needsItsOwnProcess } from "../support/own-process.ts";

it.each([
  ["resets its modules", "vi.resetModules();"],
  ["sets another clock", "  vi.useFakeTimers();"],
  ["has system calls fail", 'import { fault } from "../helpers/faults.ts";\n'],
  ["changes its folder", "  process.chdir(folder);"],
  ["changes its user", "    process.seteuid!(0);"],
  ["hears of every warning", 'process.on("warning", note);'],
  ["changes a variable", 'process.env["PATH"] = folder.path;'],
  ["counts descriptors", 'fs.readdirSync("/proc/self/fd").length'],
  ["looks at all memory", "process.memoryUsage.rss()"],
])("a file that %s has a process of its own", (_what, text) => {
  expect(needsItsOwnProcess(text)).toBe(true);
});

it.each([
  ["spies on a function", 'vi.spyOn(fs, "fsyncSync")'],
  ["reads a variable", 'const home = process.env["HOME"];'],
  ["looks at one descriptor", "fs.readlinkSync(`/proc/self/fd/${fd}`)"],
])("a file that %s shares one", (_what, text) => {
  expect(needsItsOwnProcess(text)).toBe(false);
});
