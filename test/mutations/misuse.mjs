// Mistakes in how options and arguments are read: what would be lost, pass in silence, or be refused with an error that names something else.
import { of } from "./mutation.mjs";

export const misuse = [
  ...of("src/api/eio/group.ts", "test/api/eio/groups.test.ts", [
    "        this.#fail(error);\n        throw error;",
    "        throw error;",
  ]),
  ...of("src/api/locks/options.ts", "test/api/option-names.test.ts", [
    "  checkLockOptions(options);\n",
    "",
  ]),
  ...of("src/api/batches/batches.ts", "test/api/option-names.test.ts", [
    '  checkArray("paths", paths);\n  checkStatOptions',
    "  checkStatOptions",
  ]),
  ...of("src/api/locate.ts", "test/api/option-names.test.ts", [
    'if (typeof module !== "string")',
    "if (module === undefined)",
  ]),
  ...of("src/api/instance/options.ts", "test/api/option-names.test.ts", [
    "    refuseElsewhere(given, names);\n",
    "    void refuseElsewhere;\n",
  ]),
  ...of("packages/serve/src/options.ts", "packages/serve/test/static.test.ts", [
    "  checkNames(options, names);\n  const { index",
    "  const { index",
    undefined,
    "are refused",
  ]),
  ...of(
    "packages/live/src/live-page.ts",
    "packages/live/test/live-page.test.ts",
    ["  checkNames(options, names);\n", "", undefined, "is no option"],
  ),
  // What was closed does not say where, or where somebody else closed it.
  ...of("src/api/handles/errors.ts", "test/api/after-the-end.test.ts", [
    'goneBecause === null ? { cause: closingOf("FileHandle", closedBy) } : {}',
    "{}",
  ]),
  ...of("src/api/executor/scheduler.ts", "test/api/after-the-end.test.ts", [
    "this.#closedBy ??= closedHere()",
    "this.#closedBy = closedHere()",
  ]),
  ...of(
    "src/api/working-directories/start.ts",
    "test/api/after-the-end.test.ts",
    [
      'closingOf("working directory", closedBy)',
      'closingOf("working directory", null)',
    ],
  ),
  ...of(
    "src/api/tail/options.ts",
    "test/api/tail/tail.test.ts",
    // The signal of a tail does not reach what it reads.
    ["{ ...lastingOptions(options), signal }", "lastingOptions(options)"],
  ),
  // Options that are none are taken where Node refuses them.
  ...of("src/api/files/stat.ts", "test/api/files/paths.test.ts", [
    "if (options !== undefined) {",
    "if (options !== undefined && options !== null) {",
  ]),
  ...of("src/api/trees/glob.ts", "test/api/trees/glob.test.ts", [
    'typeof second === "function" ? [undefined, second] : [second, third]',
    "[second, third]",
  ]),
  // The numbers of statfs under each other's names.
  ...of("src/api/files/stats.ts", "test/api/files/paths.test.ts", [
    '  "type",\n  "bsize",\n  "blocks",\n',
    '  "type",\n  "bsize",\n  "frsize",\n  "blocks",\n',
    "test/api/files/paths.test.ts",
    "statfs",
  ]),
];
