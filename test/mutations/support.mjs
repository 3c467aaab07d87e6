// Mistakes in what runs the tests: which modules, which process and which file system a test file has.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const support = [
  // Modules that a test has reset stay what they were.
  ...of("test/support/source-modules.cjs", "test/engine/shutdown.test.ts", [
    "    made.clear();\n",
    "",
  ]),
  // A file about a disk has its files in memory, or what others left there stays.
  ...of(
    "test/support/temporary-files.ts",
    "test/scripts/temporary-files.test.ts",
    ["fs.chmodSync(TMPDIR, 0o1777);", ""],
    ["if (isWhole || ", "if ("],
    ["needsDisk(text) ? disk : { TMPDIR }", "{ TMPDIR }"],
    ["fs.existsSync(`/proc/${pid}`)", "true"],
  ),
  // A file shares its process with others though it changes a variable, or counts descriptors.
  ...of(
    "test/support/own-process.ts",
    "test/scripts/own-process.test.ts",
    ["process\\.env(?:", "process\\.none(?:"],
    ['(?:fd"|task', "(?:task"],
  ),
];
