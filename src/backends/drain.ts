// What a worker runs, for the thread of the loop: at the process's exit it does what no worker is there for. It does not
// know when that is.
import { loadWorker } from "./worker-module.ts";

/** undefined where it cannot be loaded, nor by a worker then. */
export function loadDrain(): ((task: object) => unknown) | undefined {
  const { stackTraceLimit } = Error;
  try {
    return (loadWorker() as { default: (task: object) => unknown }).default;
  } catch {
    return undefined;
  } finally {
    // Workers have no use for stacks; listeners of the exit may have one.
    Error.stackTraceLimit = stackTraceLimit;
  }
}
