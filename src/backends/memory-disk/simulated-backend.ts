// The backend of a simulated disk: the portable executors on the thread that calls, over files in memory. It knows how they are
// found in the built package, not what they do.
import { createRequire } from "node:module";
import path from "node:path";
import type { SharedMemory } from "../../request/memory.ts";
import { dist } from "../../util/package.ts";
import type { RunnerName } from "../backend.ts";
import type { MakeBackend } from "../custom-backend.ts";
import { OwnThread, type Execute } from "../own-thread.ts";
import type { MemoryFs } from "./memory-fs.ts";

type Port = Parameters<Execute>[1];

/** The one of workers/simulated/executor.ts, in the built package. */
interface Built {
  readonly MOVED: number;
  simulated(
    shared: SharedMemory,
    port: Port,
    files: MemoryFs,
  ): (slot: number) => number | Promise<number>;
}

const load = (): Built =>
  createRequire(import.meta.filename)(
    path.join(dist, "simulated.cjs"),
  ) as Built;

class SimulatedBackend extends OwnThread {
  override readonly name: RunnerName = "simulated";
}

export const makeSimulated =
  (files: MemoryFs): MakeBackend =>
  (memory, completions, wake) => {
    const { MOVED: moved, simulated } = load();
    const execute: Execute = ({ shared }, port) => ({
      moved,
      run: simulated(shared, port, files),
    });
    const limits = { maxParallel: 1 };
    return new SimulatedBackend(memory, completions, wake, limits, execute);
  };
