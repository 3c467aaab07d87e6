// Whether this is the process's main thread. node:worker_threads says it, too, but takes 2 ms of CPU to load, which most
// programs need for nothing else. It knows nothing of the other threads.
import { builtin } from "./builtin.ts";

/** Node puts functions that throw, and say that they are disabled, in the place of those that end or move the process. */
const isDisabled = (call: object): boolean =>
  (call as { disabled?: boolean }).disabled === true;

const { bun, deno } = process.versions;

export const isMainThread: boolean =
  bun === undefined && deno === undefined
    ? !isDisabled(process.abort)
    : builtin("node:worker_threads").isMainThread;
