// Mistakes in how options and arguments are read: what would be lost, pass in silence, or be refused with an error that names something else.
import { of } from "./mutation.mjs";

export const misuse = [
  ...of("src/api/eio/group.ts", "test/api/eio/groups.test.ts", [
    "        this.#fail(error);\n        throw error;",
    "        throw error;",
  ]),
  ...of(
    "src/api/eio/control.ts",
    "test/api/eio/control.test.ts",
    // What a callback throws fails who waits, or is lost to who polls after that.
    ["    door.throws = false;\n", "", undefined, "resolve when everything"],
    [
      "      door.throws = door.manual;\n",
      "      void door;\n",
      undefined,
      "resolve when everything",
    ],
  ),
  ...of("src/api/eio/requests/readdir.ts", "test/api/eio/readdirplus.test.ts", [
    "stats ? decodeKept : decodeListing",
    "decodeListing",
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
  ...of("src/api/option-values.ts", "test/api/option-names.test.ts", [
    'value === undefined || typeof value === "boolean"',
    "true",
  ]),
  ...of("src/api/instance/options.ts", "test/api/option-names.test.ts", [
    '(typeof value === "number" && value > 0)',
    'typeof value === "number"',
  ]),
  ...of("src/api/terms.ts", "test/api/option-names.test.ts", [
    'cache === undefined || (typeof cache === "object" && cache !== null)',
    'typeof cache !== "string"',
  ]),
  ...of("src/api/batches/batches.ts", "test/api/option-names.test.ts", [
    'given == null || given === "buffer"',
    'given !== "none"',
  ]),
  ...of("src/util/nearest-name.ts", "test/api/option-names.test.ts", [
    "BOUND.exec(other)?.[1] !== opposite",
    "true || opposite",
  ]),
  ...of("src/api/op-names.ts", "test/api/option-names.test.ts", [
    "Object.hasOwn(calledOtherwise, given)",
    "false",
  ]),
  ...of("src/api/watch-tree/options.ts", "test/api/option-names.test.ts", [
    "  if (signal !== undefined) checkSignal(signal);\n",
    "  void checkSignal;\n",
  ]),
  ...of("src/api/groups/group.ts", "test/api/option-names.test.ts", [
    'if (typeof work !== "function")',
    "if (work === undefined)",
  ]),
  ...of("src/api/log/append-log.ts", "test/api/log/append-log.test.ts", [
    "if (!(data instanceof Uint8Array))",
    "if (data === null)",
    undefined,
    "refuses wrong options and records",
  ]),
  ...of("packages/serve/src/server.ts", "packages/serve/test/options.test.ts", [
    "  checkOwn(options);\n",
    "  void checkOwn;\n",
  ]),
  ...of(
    "packages/serve/src/options.ts",
    "packages/serve/test/options.test.ts",
    ["  checkKinds(options);\n", "  void checkKinds;\n"],
  ),
  ...of("packages/serve/src/options.ts", "packages/serve/test/static.test.ts", [
    "  checkNames(options, names);\n  checkKinds",
    "  checkKinds",
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
