// Mistakes in the ceiling on memory, in copies that report, in logs and locks; see table.mjs.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const storage = [
  ...of(
    "src/engine/memory-budget.ts",
    "test/engine/memory-budget.test.ts",
    [
      "first !== null && first !== request && !this.#may",
      "false && !this.#may",
    ],
    [
      "this.#usedBytes !== 0 && this.#usedBytes + bytes",
      "this.#usedBytes + bytes",
    ],
    ["this.#overtaken >= AGEING_SKIPS", "false"],
    ["this.#keptBytes -= kept[0];", ""],
    ["if (this.#first !== null) keeper.reclaim();", ""],
    [
      "for (const [, keeper] of this.#kept.values()) keeper.reclaim();",
      "",
      "test/api/instance/max-memory.test.ts",
    ],
    ["this.#sizes.get(request) ??", "", "test/api/instance/max-memory.test.ts"],
  ),
  ...of(
    "src/engine/scheduler.ts",
    "test/engine/memory-budget.test.ts",
    ["memory.pass();\n    const lanes", "void 0;\n    const lanes"],
    ["if (this.memory?.first === request) this.memory.pass();", ""],
    ["this.memory?.give(request);", ""],
    ["lane.overtaken >= AGEING_SKIPS", "false"],
    ["(aged || !queue.hasAbove(held.topLevel))", "(aged || !queue.length)"],
  ),
  ...of(
    "src/engine/completions.ts",
    "test/api/instance/max-memory.test.ts",
    [
      "      memory.give(request);\n      this.#flight.roomMade",
      "      this.#flight.roomMade",
    ],
    [
      "      this.#flight.memory?.give(request);\n      request.phase",
      "      request.phase",
    ],
  ),
  ...of("src/api/log/append-log.ts", "test/api/log/closing.test.ts", [
    "this.#closing !== null && this.#settled === this.#given;",
    "this.#closing !== null;",
  ]),
  ...of(
    "src/api/log-stream/log-stream.ts",
    "test/api/log-stream/log-stream-ends.test.ts",
    ["this.destroyed || this.#isUnopened", "this.#isUnopened"],
    ["this.destroyed || this.#isUnopened", "this.destroyed"],
    [
      "const inFlight = this.#isInFlight ?",
      "const inFlight = this.#isWriting ?",
    ],
    ["if (!this.#isInFlight) this.#closeFile();", "this.#closeFile();"],
    ["for (const flushed of flushes) flushed(error);\n        if", "if"],
  ),
  ...of(
    "src/api/log-stream/pieces.ts",
    "test/api/log-stream/log-stream-ends.test.ts",
    ["...bytesOf(last.text), ", ""],
    [
      'typeof data === "string" && last.parts.length === 0',
      'typeof data === "string"',
    ],
  ),
  ...of("src/api/or-end.ts", "test/api/descriptors/stalled-source.test.ts", [
    "if (!ends) return work;",
    "if (!ends || Date.now() > 0) return work;",
  ]),
  ...of(
    "src/api/descriptors/read-write-all.ts",
    "test/api/descriptors/stalled-source.test.ts",
    ["if (isStream(data)) data.destroy();", "isStream(data);"],
  ),
  // A worker copies, and leaves everything in the page cache.
  ...of("src/api/trees/cp.ts", "test/api/page-cache.test.ts", [
    "copySwitches(options) | (onlyNative ? ONLY_NATIVE : 0)",
    "copySwitches(options)",
  ]),
  ...of(
    "src/api/trees/cp-report.ts",
    "test/api/trees/cp-report.test.ts",
    ["copiedFile(report, this.#kind, this.#terms)", "{ bytes: 0 }"],
    [
      ".catch((error: unknown) => void (this.#failure ??= { error }))",
      ".catch(() => {})",
    ],
    ["if (!ahead) return copy;", ""],
  ),
  ...of(
    "src/api/locks/lock-threads.ts",
    "test/api/locks/lock-threads.test.ts",
    // What waits for a thread that hangs finds no lock, though it is free.
    ["started.engine.running >= THREADS_MAX", "false"],
    ["maxParallel: THREADS_MAX, maxIdle", "maxParallel: 1, maxIdle"],
  ),
  ...of(
    "src/api/log/append-log.ts",
    "test/api/log/append-log.test.ts",
    // What was appended in the same turn is left out; what comes later is waited for; a batch is longer than a segment.
    [
      "if (this.#settled < given) this.#begin();\n    while (this.#settled < given) await this.#writing;",
      "",
      "test/api/log/append-log.test.ts",
      "appended just before it",
    ],
    [
      "while (this.#settled < given) await",
      "while (this.#settled < this.#given) await",
      "test/api/log/append-log.test.ts",
      "although others go on to append",
    ],
    [
      'if (codeOf(error) !== "ENOENT") throw error;',
      "throw error;",
      "test/api/log/append-log.test.ts",
      "is trimmed by two at once",
    ],
    [
      "else if (bytes > most) break;",
      "else if (bytes > BATCH_MAX_BYTES) break;",
      "test/api/log/append-log.test.ts",
      "has no segment longer than maxBytes",
    ],
  ),
  // A damaged head of a segment, and all of its records are gone.
  ...of("src/api/log/recover.ts", "test/api/log/append-log.test.ts", [
    "size > HEADER_BYTES && throws",
    "false",
    "test/api/log/append-log.test.ts",
    "the head of a segment with records is wrong",
  ]),
  // A lock whose object nobody keeps is given away by the garbage collection.
  ...of("src/api/locks/file-lock.ts", "test/api/locks/garbage.test.ts", [
    "  keepWhenCollected((got as unknown as HasDescriptor)[held]);\n",
    "",
  ]),
  ...of(
    "src/api/locks/file-lock.ts",
    "test/api/locks/lock-threads.test.ts",
    ["++this.#count < TRIES_ALONE", "++this.#count > 0"],
    ["this.#engine.onClose(() => closing.abort())", "(() => {})"],
    ["    this.#over.abort();\n    void", "    void"],
  ),
  ...of(
    "src/api/locks/lease-folder.ts",
    "test/api/locks/lease-folder.test.ts",
    ['codeOf(error) === "EPERM" &&', "false &&"],
    ["(await this.read(token)) !== null", "true"],
  ),
  // Nobody syncs what nobody calls sync() for.
  ...of("src/api/log/append-log.ts", "test/api/log/append-log.test.ts", [
    'else if (this.#options.sync === "interval") this.#syncLater();',
    "else void this.#syncLater;",
    "test/api/log/append-log.test.ts",
    "again and again",
  ]),
  ...of("src/api/log/append-log.ts", "test/api/log/append-log.test.ts", [
    "      this.#timer = undefined;\n      this.sync()",
    "      this.sync()",
    "test/api/log/append-log.test.ts",
    "again and again",
  ]),
  // An atomic write replaces what is no file: /dev/null, for one.
  ...of(
    "native-aio/src/spew-atomic.c",
    "test/api/atomic/special-files.test.ts",
    [
      "if (before != NULL && is_special(before))",
      "if (before != NULL && is_special(before) && false)",
    ],
  ),
  ...of("src/ops/atomic.ts", "test/api/atomic/special-files.test.ts", [
    "return type !== 0 && type !== FILE_TYPE && type !== FOLDER_TYPE;",
    "return type === 1;",
  ]),
  // What is copied by hand may be taken away meanwhile.
  ...of("src/request/codec.ts", "test/request/shrinking-memory.test.ts", [
    "data !== null ? isResizable(data) : buffers?.some(isResizable) === true;",
    "data !== null && isResizable(data);",
  ]),
];
