// How many processors a process may use, from native code: a number of threads depends on it.
import { execFileSync } from "node:child_process";
import os from "node:os";
import { expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";

const { addon } = loadNative();

it.skipIf(addon === null)("native code counts as node:os does", () => {
  expect(addon!.processors()).toBe(os.availableParallelism());
});

it.skipIf(addon === null || os.availableParallelism() < 2)(
  "native code counts what the process may use, not what there is",
  () => {
    const program = `process.stdout.write(String(require(process.argv[1]).processors()))`;
    const { file } = loadNative() as { file: string };
    const node = [process.execPath, "-e", program, file];
    const printed = execFileSync("taskset", ["-c", "0", ...node], {
      encoding: "utf8",
    });
    expect(printed).toBe("1");
  },
);
