// What a callback throws, as the process's uncaught exception: now, and in the async context of the moment.
// It does not know whose callback it was.
import { loadNative } from "./native.ts";

/** False without native code: JavaScript alone can only throw, which leaves the context first. */
export function raise(error: unknown): boolean {
  const { addon } = loadNative();
  addon?.raise(error);
  return addon !== null;
}
