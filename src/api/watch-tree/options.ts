// The options of a watched tree, checked. What is done with them is not known here.
import { checkNames } from "../option-names.ts";
import { checkInteger, checkOneOf, checkOption } from "../option-values.ts";
import {
  lastingNames,
  lastingOptions,
  type LastingOptions,
} from "../lasting-options.ts";
import type { RequestOptions } from "../request-options.ts";
import { checkSignal } from "../terms.ts";
import { readIgnore, type Ignored } from "./ignore.ts";
import type { WatchMethod } from "./source.ts";

export interface WatchTreeOptions
  extends LastingOptions, Pick<RequestOptions, "signal"> {
  /** What to ignore: globs, regular expressions, functions of the path. The contents of an ignored folder are not examined. */
  ignore?: Ignored | readonly Ignored[] | undefined;
  /** Milliseconds for which a batch collects changes, starting at the first one. Default: 20. */
  debounce?: number | undefined;
  /** Reports the existing contents as the first batch. Default: false, only later changes are reported. */
  initial?: boolean | undefined;
  /** The encoding of paths; `"buffer"` supports names that are not UTF-8. Default: `"utf8"`. */
  encoding?: "utf8" | "buffer" | undefined;
  /** How to watch. Default: `"auto"`, the best method available, shown by `watcher.method`: inotify, and fanotify once there are no more watches. */
  method?: "auto" | WatchMethod | undefined;
  /** Interval in milliseconds at which folders without a watch are compared. Default: 2,000. */
  pollMs?: number | undefined;
}

export interface ReadWatchTreeOptions {
  ignores: ((path: string) => boolean) | null;
  debounce: number;
  initial: boolean;
  encoding: "utf8" | "buffer";
  method: "auto" | WatchMethod;
  pollMs: number;
  signal: AbortSignal | undefined;
  /** For each of its calls. */
  call: LastingOptions;
}

const DEBOUNCE_MS = 20;
const POLL_MS = 2000;
const TIMER_MAX_MS = 0x7fffffff;
const own = {
  ignore: true,
  debounce: true,
  initial: true,
  encoding: true,
  method: true,
  pollMs: true,
  signal: true,
} satisfies Record<Exclude<keyof WatchTreeOptions, keyof LastingOptions>, true>;
const names = [...Object.keys(own), ...lastingNames];

export function readWatchTreeOptions(
  options: WatchTreeOptions,
): ReadWatchTreeOptions {
  checkNames(options, names);
  const { ignore, debounce = DEBOUNCE_MS, initial = false } = options;
  const { encoding = "utf8", method = "auto", pollMs = POLL_MS } = options;
  const { signal } = options;
  checkInteger("debounce", debounce, 0, TIMER_MAX_MS);
  checkOption("initial", initial, typeof initial === "boolean", "a boolean");
  checkOneOf("encoding", encoding, ["utf8", "buffer"]);
  checkOneOf("method", method, ["auto", "inotify", "fanotify", "node"]);
  checkInteger("pollMs", pollMs, 1, TIMER_MAX_MS);
  if (signal !== undefined) checkSignal(signal);
  return {
    ...{ debounce, initial, encoding, method, pollMs, signal },
    ignores: readIgnore(ignore),
    call: lastingOptions(options),
  };
}
