// Mistakes in handing requests over: who is woken for them, and what the loop does itself. It knows nothing of how they
// are run.
import { of } from "./mutation.mjs";

export const handing = [
  ...of("src/request/errors.ts", "test/request/error-map.test.ts", [
    "(errors ??= getSystemErrorMap())",
    "(errors = getSystemErrorMap())",
  ]),
  ...of(
    "src/backends/lookups.ts",
    "test/backends/lookups.test.ts",
    ["processors() > 1", "processors() > 0"],
    ["else if (this.#stillSeveral === 0)", "else if (true)"],
    ["this.#stillSeveral = STILL_SEVERAL;", "this.#stillSeveral = 0;"],
    ["else if (period === this.#period - 1) this.#before--;", ""],
    ["else this.#stillSeveral--;", ""],
    ["else if (threads.beginsSoon())", "else if (true)"],
    ["if (this.#stillSoon > 0) this.#stillSoon--;\n    else if", "if"],
    // One that hangs counts for good.
    ["if (now < this.#periodEndsAt) return;", "return;"],
    ["    this.#before = this.#recent;\n", ""],
  ),
  // Threads that all hang are taken to get on.
  ...of("src/backends/threads.ts", "test/backends/lookups.test.ts", [
    "return now - this.#gotOnAt < LATELY_MS;",
    "return true;",
  ]),
  // What is queued is on the ring of its priority, and counts.
  ...of("src/backends/submissions.ts", "test/backends/submissions.test.ts", [
    "if (!this.#used.includes(ring))",
    "if (this.#used.length === 0)",
  ]),
  ...of("src/backends/native-lane.ts", "test/backends/native-lane.test.ts", [
    "opByCode.forEach((_op, code) => this.whyNot(code));",
    "",
  ]),
  ...of(
    "src/api/streams/read-stream.ts",
    "test/api/streams/chunks.test.ts",
    ["this.readableLength !== 0 && !this.readableFlowing", "false"],
    [
      "const decodes = this.readableEncoding !== null;",
      "const decodes = false;",
    ],
  ),
  // Chunks of what was read ahead share memory, and go with the first that is transferred.
  ...of(
    "src/api/streams/read-ahead.ts",
    "test/api/streams/chunks-javascript.test.ts",
    ["request.value instanceof Uint8Array", "request.value instanceof Buffer"],
  ),
  ...of(
    "src/request/results.ts",
    "test/api/streams/chunks.test.ts",
    [
      "? memory.blocks!.takeParts(slot, partBytes)",
      "? [memory.blocks!.takeBlock(slot)]",
    ],
    [
      "parts.push(copyOf(bytes.subarray(at, at + partBytes)));",
      "parts.push(bytes.subarray(at, at + partBytes));",
    ],
  ),
];
