// Threads that wait for the system's locks in the place of whoever would try again and again: a few for the whole process, beside those
// of all instances, since such a wait ends when somebody else lets it. Started when a lock was waited for in vain for a while.
import fs from "node:fs";
import { selectBackend } from "../../backends/select.ts";
import { loadNative } from "../../backends/native.ts";
import { defaultThreadLimits } from "../../backends/thread-limits.ts";
import { Engine } from "../../engine/engine.ts";
import { defaultEngineOptions } from "../../engine/options.ts";
import { Mounts } from "../../engine/routing.ts";
import { exitWithout } from "../instance/exit.ts";
import type { Terms } from "../terms.ts";
import type { FileHandle } from "../types.ts";
import { sysApi, type EioSys } from "../sys/sys.ts";

/** What waits for more than so many files tries again and again. */
const THREADS_MAX = 16;
/** The next that waits finds a thread for so long. */
const IDLE_MS = 1000;

interface LockThreads {
  engine: Engine;
  sys: EioSys;
}

let started: LockThreads | null = null;
const mounts = new Mounts();

function start(): LockThreads {
  const limits = {
    ...defaultThreadLimits,
    ...{ maxParallel: THREADS_MAX, maxIdle: 0, idleTimeoutMs: IDLE_MS },
  };
  const workersMax = THREADS_MAX;
  const engine = new Engine(
    {
      ...defaultEngineOptions,
      sizes: {
        slots: 2 * THREADS_MAX,
        arenaBytes: 0,
        allocBytes: 0,
        workersMax,
      },
      // To wait for long is what they are for.
      stuckAfterMs: Infinity,
    },
    selectBackend("threads", { limits }),
  );
  exitWithout(engine, { carriesOut: false });
  return { engine, sys: sysApi(() => engine) };
}

/** A file of this machine's own: of others the system's waiting may never end, and a simulated one is not known to the system. */
async function isHere(handle: FileHandle, terms: Terms): Promise<boolean> {
  const { fd } = handle;
  if (mounts.ofDescriptor(fd)?.remote !== false) return false;
  const { dev, ino } = await handle.stat(terms as object);
  const found = fs.fstatSync(fd);
  return found.dev === dev && found.ino === ino;
}

/**
 * True: the lock is had. False: no thread may wait for this one. When the signal aborts it rejects; then somebody has to close the
 * descriptor, by which the system takes back a lock that comes later.
 */
export async function waitInThread(
  handle: FileHandle,
  type: number,
  range: { offset: number; length: number },
  signal: AbortSignal,
  terms: Terms,
): Promise<boolean> {
  if (loadNative().addon === null || !(await isHere(handle, terms)))
    return false;
  started ??= start();
  // Those that were given up keep their threads until they end.
  if (started.engine.running >= THREADS_MAX) return false;
  await started.sys.ofdLock(handle.fd, type, { ...range, signal });
  return true;
}
