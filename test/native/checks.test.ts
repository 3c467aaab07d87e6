// The debug build (-DEIO_DEBUG) aborts, and says why, before it hands a wrong slot to the kernel.
import { noFaults } from "../helpers/faults.ts";
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { nativeFile } from "../../src/backends/native.ts";
import { ops } from "../../src/ops/table.ts";
import { BLOCK_BYTES, SLOT_WORDS, Slot } from "../../src/request/layout.ts";

/** Runs a nop of slot 0 with some words of it changed. */
function run(change: Record<number, number>): [unknown, string] {
  const program = `
    const words = new Int32Array(new SharedArrayBuffer(${SLOT_WORDS * 8}));
    const bytes = new Uint8Array(new SharedArrayBuffer(${BLOCK_BYTES * 2}));
    words[${Slot.op}] = ${ops.nop.code};
    for (const [word, value] of ${JSON.stringify(Object.entries(change))})
      words[word] = value;
    require(${JSON.stringify(nativeFile())}).attach(words, bytes).run(0);
    console.error("ran");`;
  const { signal, stderr } = spawnSync(process.execPath, ["-e", program], {
    encoding: "utf8",
  });
  return [signal, stderr.trim()];
}

const cases: [string, Record<number, number>][] = [
  ["no such op", { [Slot.op]: 9999 }],
  ["cancelled is neither", { [Slot.cancelled]: 2 }],
  ["the path does not fit", { [Slot.path]: BLOCK_BYTES + 1 }],
  ["a length below 0", { [Slot.dataBytes]: -1 }],
  ["no address", { [Slot.direct]: 1, [Slot.dataBytes]: 5 }],
  [
    "does not lie in shared memory",
    { [Slot.data]: BLOCK_BYTES * 2 - 4, [Slot.dataBytes]: 5 },
  ],
];

describe.skipIf(noFaults)("a wrong slot", () => {
  it("is not reported for a right one", () => {
    expect(run({})).toEqual([null, "ran"]);
  });

  it.each(cases)("aborts with: %s", (message, change) => {
    expect(run(change)).toEqual(["SIGABRT", expect.stringContaining(message)]);
  });
});
