// The options that every call takes beyond Node's, as users write them; terms.ts reads them. There is no code here.
import type { HasStart } from "./working-directories/start.ts";

export interface RequestOptions {
  /** Ends the call: its promise is rejected with an AbortError at once, even while it runs. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the whole call fails with ETIMEDOUT, however many requests it makes. */
  timeout?: number | undefined;
  /** From -4 (last) to 4 (first). Default: 0. */
  priority?: number | undefined;
  /** The folder where relative paths start: a working directory of eio.wd(). */
  wd?: HasStart | null | undefined;
  /** The folder where the second path of rename, link, copyFile and cp starts; null for none. Default: `wd`. */
  destWd?: HasStart | null | undefined;
  /** A lane of this instance. Default: that of the descriptor or the file system, otherwise `default`. */
  lane?: string | undefined;
  /**
   * `drop`: the data that the call reads and writes does not stay in the page cache, so that one pass over many or large files does not
   * evict the data of others. `direct`: the data of a file copy bypasses the page cache, if the file systems allow that
   * (O_DIRECT); for other calls it is the same as `drop`. Default: `keep`. Ignored without the native threads.
   */
  cache?: "keep" | "drop" | "direct" | undefined;
}
