// The portable executors over the files of a simulated disk, and what they leave to native code elsewhere. It is built with
// node-fs.ts in the place of node:fs, and knows slots, not who hands them over.
import { nameByCode, type OpName } from "../../src/ops/table.ts";
import { Memory, type SharedMemory } from "../../src/request/memory.ts";
import type { Outcome } from "../execute.ts";
import { Frame, MOVED, type Port } from "../frame.ts";
import { failure, run } from "../run.ts";
import { use, type Files } from "./node-fs.ts";

export { MOVED };

const ENOENT = -2;
const STATS_DOUBLES = 14;
const TIMES = 10;
const MS_PER_S = 1000;
const NS_PER_MS = 1_000_000;

type Run = (f: Frame, files: Files) => number;

const nothing = (): number => 0;

/** In the place of the portable executor's, which has no such calls of Node's, or none that are as weak. */
const own: Partial<Record<OpName, Run>> = {
  fallocate: (f, files) => {
    files["fallocate"]!(f.fd, f.a, f.position ?? 0, f.b);
    return 0;
  },
  renameat2: (f, files) => {
    files["renameSync"]!(f.path, f.path2, f.b);
    return 0;
  },
  sync: (_f, files) => (files["syncAll"]!(), 0),
  syncfs: (_f, files) => (files["syncAll"]!(), 0),
  // It promises nothing after a loss of power.
  syncFileRange: nothing,
  fadvise: nothing,
  readahead: nothing,
  pageIn: nothing,
  flock: nothing,
  ofdLock: nothing,
};
const described = new Set<OpName>(["stat", "lstat", "fstat"]);

export function simulated(
  shared: SharedMemory,
  port: Port,
  files: Files,
): (slot: number) => Outcome {
  const memory = new Memory(shared);
  return (slot) => {
    const frame = new Frame(memory, port);
    frame.enter(slot);
    use(files);
    const name = nameByCode[frame.op]!;
    const outcome = runOwn(frame, own[name], files) ?? run(frame);
    if (described.has(name) && typeof outcome === "number" && !frame.a)
      putBelowSecond(frame);
    return outcome;
  };
}

function runOwn(f: Frame, run: Run | undefined, files: Files): number | null {
  if (run === undefined) return null;
  try {
    return run(f, files);
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    return errno === undefined || errno === ENOENT ? failure(f, error) : errno;
  }
}

/** Node 26 has these parts of its times beside the milliseconds. */
function putBelowSecond(f: Frame): void {
  const { doubles } = f.memory;
  for (let i = 0; i < 4; i++) {
    const ms = doubles[f.firstDouble + TIMES + i]!;
    f.setDouble(STATS_DOUBLES + i, (ms % MS_PER_S) * NS_PER_MS);
  }
}
