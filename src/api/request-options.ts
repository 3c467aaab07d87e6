// The options that every call takes beyond Node's, as users write them; terms.ts reads them. There is no code here.
import type { HasStart } from "./working-directories/start.ts";

export interface RequestOptions {
  /** Ends the call: its promise is rejected with an AbortError at once, wherever it is. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the call is given up, however many requests it makes: ETIMEDOUT. */
  timeout?: number | undefined;
  /** -4 (last) to 4 (first); 0 by default. */
  priority?: number | undefined;
  /** Where relative paths start: a working directory of eio.wd(). */
  wd?: HasStart | null | undefined;
  /** Where the second path of rename, link, copyFile and cp starts; as wd by default, null is nowhere. */
  destWd?: HasStart | null | undefined;
  /** A lane of this instance; by default that of the descriptor or the file system, or `default`. */
  lane?: string | undefined;
  /**
   * `drop`: what the call reads and writes does not stay in the page cache, so that one pass over many or large files leaves
   * there what others need. `direct`: the data of a copy of files does not pass through it at all, where the file systems let it
   * (O_DIRECT); for anything else it is as `drop`. `keep` by default. Without the native threads it is ignored.
   */
  cache?: "keep" | "drop" | "direct" | undefined;
}
