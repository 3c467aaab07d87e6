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
  /** What is left out: globs, expressions, functions of the path. What is in a folder that is left out is not looked at. */
  ignore?: Ignored | readonly Ignored[] | undefined;
  /** Milliseconds from the first change on for which a batch gathers; 20 by default. */
  debounce?: number | undefined;
  /** The first batch is what is there at the beginning; by default only what changes from then on is reported. */
  initial?: boolean | undefined;
  /** Of paths: `"utf8"` by default; `"buffer"` for names of any bytes. */
  encoding?: "utf8" | "buffer" | undefined;
  /** How changes become known; by default by inotify, and by fanotify once there are no more watches: `watcher.method` says which. */
  method?: "auto" | WatchMethod | undefined;
  /** How often folders are compared for which there is no watch; 2,000 by default. */
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
