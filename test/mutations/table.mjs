// Mistakes that have been made, or could be, and the test that is to notice each. `from` is in its file exactly once;
// `name` narrows a long test file to the tests that are about it. It knows nothing of how they are run.
import { of } from "./mutation.mjs";
import { bench } from "./bench.mjs";
import { handing } from "./handing.mjs";
import { descriptors } from "./descriptors.mjs";
import { misuse } from "./misuse.mjs";
import { native } from "./native.mjs";
import { packing } from "./packing.mjs";
import { storage } from "./storage.mjs";
import { support } from "./support.mjs";
import { telemetry } from "./telemetry.mjs";
import { tailing } from "./tailing.mjs";
import { watching } from "./watching.mjs";

const engine = [
  ...of(
    "src/engine/queue.ts",
    "test/engine/queue.test.ts",
    ["]! > AGEING_SKIPS &&", "]! > AGEING_SKIPS + 1 &&"],
    ["this.#skipped[chosen] = 0;", ""],
    ["this.#skipped[31 - Math.clz32(aged & -aged)]!--;", ""],
    ["(-1 << (above + 1))", "(-1 << above)"],
  ),
  ...of(
    "src/engine/polling.ts",
    "test/engine/budget.test.ts",
    ["if (bytes >= LARGE_BYTES) this.#copiedBytes += bytes;", "void bytes;"],
    ["return nowMs < this.#turnEndsMs;", "return true;"],
    ["this.#copiedBytes += COPY_MAX_BYTES / DIRECT_MAX;", ""],
    // Timers and sockets wait for as long as reads come one after the other.
    [
      "nowMs - this.#turnBeganMs < IN_TICKS_MS",
      "nowMs > 0",
      "test/engine/ticks.test.ts",
    ],
  ),
  ...of("src/engine/engine.ts", "test/engine/ticks.test.ts", [
    "      this.#flight.calling === 0 &&\n",
    "",
  ]),
  ...of("src/backends/route.ts", "test/native/at-once.test.ts", [
    "refusal === EOPNOTSUPP || refusal === E2BIG",
    "refusal === E2BIG",
  ]),
  ...of(
    "src/engine/shutdown.ts",
    "test/engine/shutdown.test.ts",
    ["if (leftCount >= this.#left) return;", ""],
    [
      "      clearTimeout(this.#timer);\n      this.#left = leftCount;",
      "      if (this.#left !== Infinity) return;\n      this.#left = leftCount;",
    ],
  ),
  ...of(
    "src/engine/waiting.ts",
    "test/engine/fd-gate.test.ts",
    [
      "this.#tight = opened && worthIt && this.#isNear(result);",
      "this.#tight = false;",
    ],
    ["if (now - (tried ?? now) >= this.#waitMs) return false;", ""],
    [
      "else this.#waiting = new Map([[request, tried], ...this.#waiting]);",
      "else this.#waiting.set(request, tried);",
    ],
    ["if (this.#waiting.size !== 0) this.#lookLater();", ""],
  ),
  ...of("src/engine/cancel.ts", "test/engine/lent-memory.test.ts", [
    "if (request.lends && !untouched) {",
    "if (false) {",
  ]),
  ...of(
    "src/engine/engine.ts",
    "test/engine/lent-memory.test.ts",
    ["this.#waiting.queue.push(request);\n", "", "test/engine/cancel.test.ts"],
    [
      "    this.#gathered = true;\n",
      "    this.#gathered = false;\n",
      "test/engine/turns.test.ts",
    ],
  ),
  ...of(
    "src/engine/waiting.ts",
    "test/engine/stale.test.ts",
    ["result === ESTALE && this", "result < 0 && this"],
    ["    this.#repeated.add(request);\n", ""],
    ["!isRepeatable(request.op, request.a) ||", ""],
    ["if (anew !== null) this.#enqueue(anew);", "void stale;"],
  ),
  // As the kernel calls it, and not as Node does.
  ...of("src/api/log/append-log.ts", "test/api/log/append-log.test.ts", [
    '"ENOTSUP",',
    '"EOPNOTSUPP",',
    "test/api/log/append-log.test.ts",
    "space cannot be taken ahead",
  ]),
  ...of("src/ops/stale.ts", "test/engine/stale.test.ts", [
    "(a & constants.O_EXCL) === 0",
    "a >= 0",
  ]),
  ...of(
    "src/util/file-systems.ts",
    "test/util/file-systems.test.ts",
    ['type.startsWith(FAMILY) ? table["fuse"]! : UNKNOWN', "UNKNOWN"],
    ["if (Object.hasOwn(table, type))", "if (table[type])"],
  ),
  ...of("src/engine/waiting.ts", "test/api/descriptors/close-behind.test.ts", [
    "this.#host.orphans !== 0 &&",
    "false &&",
  ]),
  ...of(
    "src/api/handles/descriptor.ts",
    "test/api/handles/close-awaited.test.ts",
    ["this.engine.awaitOrphan(() => this.#closed())", "null"],
  ),
  ...of(
    "src/engine/completions.ts",
    "test/engine/waiting.test.ts",
    // Slots that are stranded, each by another way.
    [
      "if (encoded !== Encoded.ok) {\n      this.#slots.release(slot);",
      "if (encoded !== Encoded.ok) {",
    ],
    ["this.#codec.release(slot);\n      this.#slots.release(slot);", ""],
    [
      "this.#codec.release(slot);\n    this.#slots.release(slot);",
      "this.#slots.release(slot);",
      "test/engine/cancel.test.ts",
    ],
    [
      "if (request.phase === Phase.orphaned) this.orphans--;",
      "",
      "test/engine/cancel.test.ts",
    ],
    // What an orphan holds: its descriptor, what it took of memory, and what is reported of it.
    [
      "    orphan.owner = owner;\n",
      "",
      "test/api/handles/close-awaited.test.ts",
    ],
    [
      "    this.memory?.passOn(request, orphan);\n",
      "",
      "test/api/instance/max-memory.test.ts",
    ],
    ["    orphan.path = request.path;\n", "", "test/api/observe/stuck.test.ts"],
  ),
  ...of(
    "src/engine/completions.ts",
    "test/engine/cancel.test.ts",
    ["if (undo === undefined) return;", "return;"],
    ["!this.#flight.levels.mixed", "true", "test/engine/turns.test.ts"],
  ),
  ...of(
    "src/engine/cancel.ts",
    "test/engine/cancel.test.ts",
    [
      "if (signal.aborted) queueMicrotask(abort);",
      "if (signal.aborted) void 0;",
    ],
    ['if (aborts.size === 0) signal.removeEventListener("abort", fire);', ""],
    ["clearTimeout(timer);", ""],
  ),
  ...of("src/engine/polling.ts", "test/engine/loop.test.ts", [
    "if (this.#scheduled) return;\n    if (!this.#host.busy())",
    "if (!this.#host.busy())",
  ]),
  ...of(
    "src/engine/scheduler.ts",
    "test/lanes/shares.test.ts",

    ["lane.had = Math.max(lane.had, this.#now);", ""],
  ),
  ...of(
    "src/engine/routing.ts",
    "test/lanes/routing.test.ts",
    // Of two paths the lane with more room.
    ["? other : lane;", "? lane : other;"],
    ["if (fd >= 0 && ends.has(request.op)) this.#byDescriptor.delete(fd);", ""],
  ),
];

const backends = [
  ...of(
    "src/backends/thread-controller.ts",
    "test/backends/thread-controller.test.ts",
    ["Math.max(0, threads - this.#held)", "threads"],
    ["sleepers + this.#crew.booting() < threads", "true"],
    ["usable > 0 && this.#isFew(backlog, serviceUs)", "false"],
    [
      "return Math.max(1, Math.min(worth, most, keepUp));",
      "return Math.max(1, Math.min(worth, keepUp));",
    ],
    [
      "const keepUp = known ? Math.ceil(serviceUs / LOOP_US) : Infinity;",
      "const keepUp = Infinity;",
    ],
    ["Math.min(count - sleepers, ", "Math.min(count, "],
  ),
  ...of(
    "src/backends/backlog-watch.ts",
    "test/backends/thread-controller.test.ts",
    ["(still || this.#waitsForDevices())", "still"],
    ["this.#clock.processors() * BUSY;", "Infinity;"],
    ["if (!idle && !hung) return;", "if (!idle) return;"],
    ["const booting = this.#watched.booting();", "const booting = false;"],
  ),
  ...of(
    "src/backends/submissions.ts",
    "test/backends/conformance.test.ts",
    [
      "if (was === queued) Atomics.add(this.#control, Control.cancelled, 1);",
      "",
    ],
    [
      "Math.min(this.#readyMax, READY_OTHERS_MAX)",
      "this.#readyMax",
      "test/lanes/priority.test.ts",
    ],
    [
      "if (!all && !cancelled) break;",
      "if (!cancelled) break;",
      "test/engine/lost.test.ts",
    ],
  ),
  ...of(
    "src/backends/wake-up.ts",
    "test/backends/wake-up.test.ts",
    // The bell's race: what comes between the last look and the wait.
    ["if (pending() !== 0) {", "if (false) {"],
    [
      "if (!waiting.async) return void setImmediate(this.#ring);",
      "if (!waiting.async) return;",
    ],
    [
      "if (Atomics.load(control, Control.mainState) === MainState.awake)\n      return void setImmediate(this.#ring);",
      "",
    ],
    ["if (!this.#closed) this.#wake();", "this.#wake();"],
  ),
  ...of("src/backends/threads.ts", "test/backends/conformance.test.ts", [
    "if (this.#done.length === 0) return true;",
    "return true;",
  ]),
];

const api = [
  // Node 20 has no such model to drop.
  ...of(
    "src/api/executor/executor.ts",
    "test/api/permissions/permissions.test.ts",
    [
      "    throwIfDenied(this.#url);\n",
      "",
      "test/api/permissions/permissions.test.ts",
      "permission.drop",
    ],
  ).map((mutation) => ({ ...mutation, runtime: "node26" })),
  ...of("src/request/codec.ts", "test/api/page-cache.test.ts", [
    "request.dropsCache ? SlotFlag.dropsCache : 0",
    "0",
  ]),
  ...of("src/api/streams/options.ts", "test/api/page-cache.test.ts", [
    "{ ...options, signal: undefined }",
    '{ ...options, signal: undefined, cache: "keep" }',
  ]),
  ...of(
    "src/api/terms.ts",
    "test/api/terms.test.ts",
    // A lock, a log or a door of options forgets what is to become of the cache.
    [
      'cache: passesCache ? "direct" : dropsCache ? "drop" : undefined,',
      "cache: undefined,",
    ],
  ),
  ...of("src/api/lasting-options.ts", "test/api/terms.test.ts", [
    "filter((name) => options[name] !== undefined)",
    'filter((name) => options[name] !== undefined && name !== "cache")',
  ]),
  ...of("src/api/eio/trailing-arguments.ts", "test/api/terms.test.ts", [
    "{ ...options, priority: undefined, wd: undefined }",
    "{ ...options, cache: undefined, priority: undefined, wd: undefined }",
  ]),
  ...of(
    "src/api/locks/file-lock.ts",
    "test/api/terms.test.ts",
    // The close of a lock waits behind what is less urgent.
    ["closeTerms = terms.withoutEnd;", "closeTerms = null;"],
  ),
  ...of("src/api/send-file/send-file.ts", "test/api/send-file/native.test.ts", [
    " && !terms.dropsCache",
    "",
  ]),
  ...of(
    "src/engine/engine.ts",
    "test/api/tail/tail.test.ts",
    // Whoever waits in an instance that is closed waits on.
    ["for (const listener of this.#closeListeners) listener(", "void ("],
  ),
  ...of("src/api/log/reader.ts", "test/api/log/append-log.test.ts", [
    "const ends = { signal };",
    "const ends = {};",
  ]),
  ...of(
    "src/api/log/append-log.ts",
    "test/api/log/append-log.test.ts",
    // Nobody brings to the disk what is acknowledged.
    ["writesThrough(options) ? writeThrough! : 0;", "0;"],
    // A log goes on after a failure of which nobody knows what is on the disk.
    ["if (errno !== undefined && !noRoom.has(codeOf(error)))", "if (false)"],
    // A full disk ends it.
    ["if (errno !== undefined && !noRoom.has(codeOf(error)))", "if (true)"],
  ),
  ...of("src/api/log/append-log.ts", "test/power/power.test.ts", [
    'sync === "group" && writeThrough !== null;',
    'sync !== "group" && writeThrough !== null;',
  ]),
  ...of(
    "workers/copy-digest.ts",
    "test/api/files/copy-file-javascript.test.ts",
    ["bytes.writeUInt32BE(crc);", "bytes.writeUInt32LE(crc);"],
  ),
  ...watching,
  ...tailing,
  ...of(
    "src/api/terms.ts",
    "test/api/terms.test.ts",
    // A timeout that is restarted for each piece.
    [
      ": Math.max(0, this.deadlineMs - clockMs());\n  }",
      ": (this.#left ??= Math.max(0, this.deadlineMs - clockMs()));\n  }\n  #left: number | undefined;",
    ],
    ["destWd === undefined ? (from ?? defaults.destWd) : to", "to"],
    ["if (terms.timeout === 0) throw timedOut(request);", ""],
    ["terms.throwIfAborted();\n  if", "if"],

    [
      "if (lane !== undefined) request.laneName = lane;",
      "",
      "test/lanes/calls.test.ts",
    ],
  ),
  ...of(
    "src/api/files/write-file.ts",
    "test/api/flush.test.ts",
    // `flush: true` without fsync, in one hop.
    ["request.c = prepared.flush ? 1 : 0;", "request.c = 0;"],
  ),
  ...of(
    "src/api/descriptors/transfers.ts",
    "test/api/descriptors/pieces.test.ts",
    ["!submitter.lends || terms.ends", "!submitter.lends"],
    ["DATA_MAX_BYTES : DIRECT_MAX_BYTES;", "DATA_MAX_BYTES : DATA_MAX_BYTES;"],
  ),
  ...of(
    "src/api/batches/read-many.ts",
    "test/api/batches/batches.test.ts",
    ["position <= last.end + gapBytes &&", "position < last.end + gapBytes &&"],
    ["Math.max(start, Math.min(start + length, bytes))", "start + length"],
    ["- last.position <= DATA_MAX_BYTES", "- last.position <= Infinity"],
  ),
  ...of("src/api/submit.ts", "test/api/terms.test.ts"),
];

const request = [
  ...of(
    "src/request/arena.ts",
    "test/request/arena.test.ts",
    ["if (this.#orderAt[buddy] !== order) break;", "break;"],
    ["chunk &= ~(1 << order);", ""],
    ["this.#usedOrder[chunk] = USED;\n", ""],
  ),
  ...of(
    "src/request/codec.ts",
    "test/request/codec.test.ts",
    ["need > BLOCK_BYTES - used :", "need > BLOCK_BYTES :"],
    [
      "offset >= this.#arenaStart && offset < this.#allocStart",
      "offset > this.#arenaStart && offset < this.#allocStart",
      "test/engine/model.test.ts",
    ],
    [
      "data === null || ends !== null || direction[op] === 0",
      "data === null || direction[op] === 0",
      "test/api/lent-memory.test.ts",
    ],
    ["words[base + Slot.cancelled] = 0;", ""],
  ),
  ...of("src/request/ring.ts", "test/request/ring.test.ts", [
    "words[at] = 0;",
    "",
  ]),
  ...of("src/request/slots.ts", "test/request/slots.test.ts", [
    "this.#words[base + Slot.generation]!++;",
    "",
  ]),
  ...of("src/request/layout.ts", "test/request/beyond-2-gib.test.ts", [
    "words[slot * SLOT_WORDS + Slot.data]! >>> 0",
    "words[slot * SLOT_WORDS + Slot.data]! | 0",
  ]),
];

const ops = [
  ...of("src/ops/copy-rules.ts", "test/ops/copy-rules.test.ts", [
    "partsOf(folder).every((part, i) => parts[i] === part)",
    "parts.join().startsWith(partsOf(folder).join())",
  ]),
  ...of(
    "src/ops/atomic.ts",
    "test/workers/atomic.test.ts",
    ['if (durable && !sharesSync) yield* take("fsync", synced);', ""],

    ['yield* take("fchmod", fd, final);\n  return final;', "return final;"],
  ),
];

const workers = [
  ...of(
    "workers/files.ts",
    "test/workers/files.test.ts",
    // `flush: true` without fsync, in the portable executor.
    ["if (f.c) fs.fsyncSync(fd);", ""],
    [
      "if (count === 0) {",
      "if (count < room - used) {",
      "test/workers/files.test.ts",
    ],
    [
      "fs.ftruncateSync(fd, f.a);\n  } finally {\n    fs.closeSync(fd);",
      "fs.ftruncateSync(fd, f.a);\n  } finally {",
      "test/workers/files.test.ts",
    ],
  ),
  ...of("workers/atomic.ts", "test/workers/atomic.test.ts", [
    "if (f.cancelled) throw cancelled;",
    "",
  ]),
  ...of(
    "workers/places.ts",
    "test/workers/places.test.ts",
    // `..` accepted as a name.
    [
      'last === "." || last === ".." || last === ""',
      'last === "." || last === ""',
    ],
  ),
  ...of("workers/idle.ts", "test/engine/thread-controller.test.ts"),
  ...of("workers/worker.ts", "test/lanes/priority.test.ts"),
  ...of("workers/ring-bell.ts", "test/engine/poll-fd.test.ts", [
    "if (pollFd !== 0) signal(pollFd - 1);",
    "",
  ]),
  ...of("workers/execute.ts", "test/native/times.test.ts"),
];

const doctor = [
  ...of("src/api/doctor/limits.ts", "test/api/doctor/doctor.test.ts", [
    "if (processors < found.processors) found.processors = processors;",
    "found.processors = processors;",
  ]),
  ...of("src/api/doctor/advice.ts", "test/api/doctor/doctor.test.ts", [
    "const left = group.pids - (group.pidsNow ?? 0);",
    "const left = group.pids;",
  ]),
  ...of("src/api/observe/summary.ts", "test/api/observe/summary.test.ts", [
    "(spared / ran)",
    "(spared / submitted)",
  ]),
];

const scripts = [
  ...of(
    "scripts/support/api-report.mjs",
    "test/scripts/api-report.test.ts",
    ["if (isInternal(one)) return undefined;", ""],
    ["byText.sort(([a], [b]) => (a < b ? -1 : 1));", ""],
    ["if (this.#isToBeWorkedOut(one)) {", "if (false) {"],
  ),
  ...of("scripts/support/door-docs.mjs", "test/docs/api-report.test.ts", [
    "(?<!\\*\\/\\n)^declare",
    "^declare",
  ]),
  ...of(
    "test/first-hour/blocks.mjs",
    "test/docs/first-hour.test.ts",
    ["throw new Error(`a file begins", "return new Error(`a file begins"],
    ["`^${parts", "`${parts.slice(0, 1)"],
  ),
  ...of("scripts/support/public-api.mjs", "test/docs/api-report.test.ts", [
    "removed += name in before ? diff.removed : 0;",
    "",
  ]),
  ...of(
    "scripts/support/release-checks.mjs",
    "test/scripts/release-checks.test.ts",
    ["size < PACKED_MAX_BYTES", "size <= PACKED_MAX_BYTES"],
  ),
  ...of(
    "scripts/support/suite-report.mjs",
    "test/scripts/suite-report.test.ts",
    ["run.get(name) !== true).length;", "run.get(name) === false).length;"],
    ["({ node }) => node === 0", "({ node }) => node < first.length"],
    ["[...first, ...second].flatMap((run)", "[first[0]].flatMap((run)"],
    ["node > 0 && node < first.length", "node > 0"],
  ),
];

/** Programs that are tested by killing them. */
const examples = [
  ...of("examples/job-queue/queue.mjs", "test/examples/job-queue.test.ts", [
    "if (entry.attempts >= ATTEMPTS) {",
    "if (entry.attempts > ATTEMPTS) {",
    undefined,
    "sets a job aside",
  ]),
  ...of(
    "examples/cached-pages/cache.mjs",
    "test/examples/cached-pages.test.ts",
    [
      "if (made !== null) return { ...made, hit: true };",
      "",
      undefined,
      "makes what is missing or too old once",
    ],
  ),
  ...of(
    "examples/log-shipper/shipper.mjs",
    "test/examples/log-shipper.test.ts",
    [
      "if (mayPass(status)) return `status ${status}`;",
      "if (mayPass(status)) return null;",
      undefined,
      "ships each line once and in order, over rotations .rename",
    ],
  ),
  ...of(
    "examples/upload-server/uploads.mjs",
    "test/examples/upload-server.test.ts",
    [
      "await handle.datasync();",
      "",
      undefined,
      "after a loss of power at any time .posix",
    ],
  ),
];

/** @type {import("./mutation.mjs").Mutation[]} */
export const mutations = [
  ...doctor,
  ...scripts,
  ...engine,
  ...backends,
  ...handing,
  ...api,
  ...request,
  ...ops,
  ...workers,
  ...native,
  ...packing,
  ...storage,
  ...bench,
  ...misuse,
  ...examples,
  ...telemetry,
  ...support,
  ...descriptors,
];
