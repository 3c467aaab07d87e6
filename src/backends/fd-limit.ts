// How many descriptors the process may have: raised by native code, because Node cannot. It does not know what they
// are for.
import { errnoOf, systemError } from "../request/errors.ts";
import { loadNative } from "./native.ts";

/** Raises the soft limit to at least `min`, and the hard one where that needs it; throws where it may not. */
export function raiseFdLimit(min: number): void {
  const loaded = loadNative();
  if (loaded.addon === null) {
    const error = systemError(errnoOf("ENOSYS"), "setrlimit");
    error.message += `: it needs the native addon (${loaded.reason})`;
    throw error;
  }
  const result = loaded.addon.raiseFdLimit(min);
  if (result < 0) throw systemError(result, "setrlimit");
}
