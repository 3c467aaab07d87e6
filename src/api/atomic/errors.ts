// What a failed step looks like to the caller: as the open or the write of the file that he named. It
// knows nothing of the steps themselves.
import { syscallOf } from "../../ops/atomic.ts";
import { systemError } from "../../request/errors.ts";

export async function namedAs<T>(
  file: Uint8Array,
  step: Promise<T>,
): Promise<T> {
  try {
    return await step;
  } catch (error) {
    const { errno, syscall, stack = "" } = error as NodeJS.ErrnoException;
    if (typeof errno !== "number" || errno >= 0 || syscall === undefined)
      throw error;
    const named = systemError(errno, syscallOf(syscall), file);
    const frames = stack.indexOf("\n    at ");
    named.stack = `Error: ${named.message}${frames === -1 ? "" : stack.slice(frames)}`;
    throw named;
  }
}
