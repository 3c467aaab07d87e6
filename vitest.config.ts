// How the tests run: real processes (the pool's workers live in them), several at a time, and a result file
// when a caller asks for one in EIO_TEST_RESULTS.
import { execFileSync } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { loadNative } from "./src/backends/native.ts";
import { isWhole } from "./test/helpers/part.ts";
import { LongFirst } from "./test/support/long-first.ts";
import { shareProcesses } from "./test/support/shared-processes.ts";
import { sourceModules } from "./test/support/source-modules.ts";
import { temporaryFiles } from "./test/support/temporary-files.ts";

execFileSync(process.execPath, [
  path.join(import.meta.dirname, "scripts/generate.mjs"),
]);
const results = process.env.EIO_TEST_RESULTS;

/** They are of the native code alone, or of paths that only it keeps within a folder. */
const ofTheAddon = [
  ...[
    "at-once",
    "checks",
    "faults",
    "fixed",
    "jobs",
    "loans",
    "slurp",
    "sqpoll",
    "system-calls",
  ].map((name) => `test/native/${name}.test.ts`),
  ...["beneath", "race"].map(
    (name) => `test/api/working-directories/${name}.test.ts`,
  ),
];
const native = loadNative();
const excluded =
  native.addon === null
    ? { files: ofTheAddon, why: `for want of the addon (${native.reason})` }
    : { files: [], why: "" };

const root = import.meta.dirname;
const packages = `${path.join(root, "packages")}${path.sep}`;
const named = /^(?:@node-eio\/([\w-]+)|node-eio)(?:\/([\w-]+))?$/;

/** Packages import each other and the core by name: their tests take the sources, as tests of the core do. */
const sourcesByName = {
  name: "sources-by-name",
  enforce: "pre" as const,
  resolveId(specifier: string, importer?: string): string | undefined {
    const [match, name, door = "index"] = named.exec(specifier) ?? [];
    if (match === undefined || !importer?.startsWith(packages))
      return undefined;
    const folder = name === undefined ? root : path.join(packages, name);
    return path.join(folder, "src", `${door}.ts`);
  },
};

export default defineConfig({
  plugins: [sourcesByName, sourceModules()],
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...excluded.files],
    pool: "forks",
    sequence: { sequencer: LongFirst },
    // Two more than there are processors: many files wait for disks, timers and processes of their own.
    poolOptions: {
      forks: {
        ...shareProcesses(
          Math.min(8, os.availableParallelism() + 2),
          temporaryFiles(isWhole),
        ),
        execArgv: [
          "--require",
          path.join(root, "test/support/no-processor-count.cjs"),
        ],
      },
    },
    // For what hangs: a busy machine takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    includeTaskLocation: true,
    reporters: [
      "default",
      ["./test/support/skips-reporter.ts", excluded],
      ...(results ? ["json"] : []),
    ],
    ...(results ? { outputFile: { json: results } } : {}),
  },
});
