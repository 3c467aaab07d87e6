// `npm run test:unit -- src/engine` runs the tests of a source.
import path from "node:path";
import { expect, it } from "vitest";
import { testsOf } from "../../scripts/support/tests-of.mjs";

const root = path.resolve(import.meta.dirname, "../..");

it.each([
  ["a folder", "src/engine", "test/engine/"],
  [
    "a folder with a slash",
    "src/api/working-directories/",
    "test/api/working-directories/",
  ],
  [
    "a file with tests of its own",
    "src/engine/queue.ts",
    "test/engine/queue.test.ts",
  ],
  ["a file without", "src/engine/options.ts", "test/engine/"],
  ["the native code", "native-aio", "test/native/"],
  ["a file of the native code", "native-aio/src/crew.c", "test/native/"],
])("%s of the sources stands for its tests", (_what, source, tests) => {
  expect(testsOf(root, source)).toBe(tests);
});

it.each(["test/api/working-directories", "-t", "src/nothing-of-the-kind.ts"])(
  "%s is left as it is",
  (argument) => {
    expect(testsOf(root, argument)).toBe(argument);
  },
);
