// Mistakes in what a process does without descriptors, and in what keeps it until it is closed. Those of other limits are not here.
import { of } from "./mutation.mjs";

/** @type {import("./mutation.mjs").Mutation[]} */
export const descriptors = [
  // A process without descriptors crashes, fails for another reason than it has, or waits for what does not come.
  ...of(
    "src/backends/own-thread.ts",
    "test/backends/no-descriptors.test.ts",
    ["return this.#fail(slot, error);", "throw error;"],
    ["if (!wantsDescriptor(error))", "if (error !== null)"],
  ),
  ...of(
    "src/backends/worker-starts.ts",
    "test/backends/no-descriptors.test.ts",
    [" || wantsDescriptor(error)", ""],
  ),
  ...of(
    "src/backends/resident-threads.ts",
    "test/backends/no-descriptors.test.ts",
    ["this.#options.patient === true ? LOAD_TRIES : 0", "LOAD_TRIES"],
  ),
  ...of("scripts/support/bundle.mjs", "test/backends/no-descriptors.test.ts", [
    "[...Object.keys(kept), keptWorker]",
    "[keptWorker]",
  ]),
  // Where close() is called from inside a callback the process ends before it is closed.
  ...of("src/engine/polling.ts", "test/backends/no-descriptors.test.ts", [
    "const hold = this.#holdsOn || (",
    "const hold = (",
  ]),
  // What was transferred while a request ran takes the place of its neighbours, or ends the process.
  ...of(
    "src/api/descriptors/buffers.ts",
    "test/api/descriptors/vectors.test.ts",
    [
      "Math.min(this.#lengths[i]!, count - at)",
      "Math.min(place.byteLength, count - at)",
    ],
    [
      "views.map(allBytes).filter(({ byteLength }) => byteLength > 0)",
      "views.map(allBytes)",
    ],
  ),
  ...of("src/engine/waiting.ts", "test/engine/fd-gate.test.ts", [
    "this.#host.afterTurn(() => this.#letOne());",
    "this.#letOne();",
  ]),
];
