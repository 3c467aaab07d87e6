// Whatever the addon's functions are given, they throw, or return an error: they never crash, hang, or touch what was
// closed.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadNative, nativeFile } from "../../src/backends/native.ts";
import { ops } from "../../src/ops/table.ts";
import {
  BLOCK_BYTES,
  Control,
  HEAD,
  Numbers,
  Outcome,
  RINGS,
  RING_HEADER,
  SLOT_WORDS,
  Slot,
  State,
  TAIL,
} from "../../src/request/layout.ts";
import { testFolder } from "../helpers/files.ts";
import { times } from "../helpers/part.ts";

const folder = testFolder();
const slots = 16;
const layout = {
  slots,
  slotWords: SLOT_WORDS,
  blockBytes: BLOCK_BYTES,
  controlWords: Control.rings + RING_HEADER + slots,
  ring: Control.rings,
  // The address is 64 bits: its lower half is enough.
  words: { ...Slot, address: Slot.numbers + 2 * Numbers.address },
  crew: {
    words: Control.rings + (RINGS + 1) * (RING_HEADER + slots),
    ring: Control.rings,
    header: RING_HEADER,
    head: HEAD,
    tail: TAIL,
    threads: Control.threads,
    threadsMax: Control.threadsMax,
    queued: State.queued,
    outcomeBlock: Outcome.block,
  },
};
const harmless = (
  [
    "nop",
    "read",
    "fstat",
    "stat",
    "lstat",
    "fsync",
    "slurp",
    "scandir",
  ] as const
).map((name) => ops[name].code);

describe.skipIf(loadNative().addon === null)("the addon", () => {
  it("throws when it is called with garbage, before and after a close", () => {
    const seed = Number(process.env["EIO_SEED"] ?? Date.now() % 1e9);
    const log = folder.join("last-call");
    const settings = {
      addonFile: nativeFile(),
      log,
      seed,
      // ThreadSanitizer has another look at each access.
      runs: process.env["TSAN_OPTIONS"] === undefined ? times(800, 4) : 100,
      layout,
      harmless,
    };
    const { status, signal, stderr } = spawnSync(
      process.execPath,
      [
        "--expose-gc",
        path.join(import.meta.dirname, "garbage.mjs"),
        JSON.stringify(settings),
      ],
      {
        cwd: folder.join("."),
        encoding: "utf8",
        // A debug build aborts on a wrong slot otherwise.
        env: { ...process.env, EIO_GARBAGE: "1" },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    const last = fs.readFileSync(log, "utf8").trim();
    expect({
      status,
      signal,
      stderr,
      ...(status === 0 ? {} : { last, seed }),
    }).toEqual({
      status: 0,
      signal: null,
      stderr: "",
    });
  });
});
