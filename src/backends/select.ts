// Who runs requests: picks a backend by name. An explicitly chosen one that cannot be had is an
// error with the reason; `auto` takes what there is and never throws.
import { misuseError } from "../util/errors.ts";
import type { Memory } from "../request/memory.ts";
import type { Backend, BackendName, Completions, Probe } from "./backend.ts";
import { NullBackend } from "./null.ts";
import { Pool, type PoolOptions } from "./pool.ts";

export type BackendChoice = BackendName | "auto";

const NOT_BUILT = "this version has no native code";

const probes: Record<BackendName, () => Probe> = {
  pool: () => ({ available: true }),
  null: () => ({ available: true }),
  uring: () => ({ available: false, reason: NOT_BUILT }),
  aio: () => ({ available: false, reason: NOT_BUILT }),
  nowait: () => ({ available: false, reason: NOT_BUILT }),
};

/** What there is on this machine, and why the rest is not. */
export function listBackends(): Record<BackendName, Probe> {
  return Object.fromEntries(
    Object.entries(probes).map(([name, probe]) => [name, probe()]),
  ) as Record<BackendName, Probe>;
}

export function selectBackend(
  choice: string,
  options: PoolOptions,
): (memory: Memory, completions: Completions, wake: () => void) => Backend {
  if (choice !== "auto") {
    const probe = Object.hasOwn(probes, choice)
      ? probes[choice as BackendName]()
      : ({ available: false, reason: "there is no such backend" } as const);
    if (!probe.available)
      throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", choice, probe.reason);
  }
  return choice === "null"
    ? (memory, completions, wake) => new NullBackend(memory, completions, wake)
    : (memory, completions, wake) =>
        new Pool(memory, completions, wake, options);
}
