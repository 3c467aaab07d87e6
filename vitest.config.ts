// How the tests run: real processes (the pool's workers live in them), two at a time, and a result file
// when a caller asks for one in EIO_TEST_RESULTS.
import { configDefaults, defineConfig } from "vitest/config";
import { loadNative } from "./src/backends/native.ts";

const results = process.env.EIO_TEST_RESULTS;

/** They are of the native code alone, or of paths that only it keeps within a folder. */
const ofTheAddon = [
  ...[
    "checks",
    "faults",
    "fixed",
    "jobs",
    "loans",
    "slurp",
    "sqpoll",
    "system-calls",
  ].map((name) => `test/native/${name}.test.ts`),
  ...["beneath", "race"].map((name) => `test/api/wd/${name}.test.ts`),
];
const native = loadNative();
if (native.addon === null)
  console.log(
    `Left out, for want of the addon (${native.reason}): ${ofTheAddon.join(", ")}`,
  );

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      ...configDefaults.exclude,
      ...(native.addon === null ? ofTheAddon : []),
    ],
    pool: "forks",
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    includeTaskLocation: true,
    reporters: [
      "default",
      "./test/support/skips-reporter.ts",
      ...(results ? ["json"] : []),
    ],
    ...(results ? { outputFile: { json: results } } : {}),
  },
});
