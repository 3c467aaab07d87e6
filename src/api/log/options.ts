// The options of a log, checked. It does not know what they do.
import { checkNames } from "../option-names.ts";
import { lastingNames, type LastingOptions } from "../lasting-options.ts";
import { checkInteger, checkOneOf } from "../option-values.ts";

export interface AppendLogOptions extends LastingOptions {
  /**
   * When append() resolves. `group` (the default): when the record is on the disk, with one sync for all waiting appends. `interval`, `none`:
   * when the record is written, with an fdatasync every `intervalMs`, or without any.
   */
  sync?: "group" | "interval" | "none";
  /** Milliseconds between syncs with `sync: "interval"`. Default: 100. */
  intervalMs?: number;
  /** Maximum length of a segment; then a new one is started. Only a single record that is longer makes a longer segment. Default: 64 MiB. */
  maxBytes?: number;
  /** Removes the oldest segments as long as the remaining ones have at least this many bytes. Default: all are kept. */
  retainBytes?: number;
  /**
   * What to do if a synced record of the last segment is damaged. `throw` (the default): opening fails. `truncate`: the record and everything after it
   * is cut off. What was being written when the power failed is cut off in either case.
   */
  onCorrupt?: "throw" | "truncate";
  /** How many bytes of disk space are allocated ahead; 0 allocates none. Default: 1 MiB. */
  allocateBytes?: number;
}

const INT = 0x7fffffff;
const MIB = 1 << 20;
const INTERVAL_MS = 100;
const MAX_MIB = 64;

export type ReadOptions = Required<
  Omit<AppendLogOptions, keyof LastingOptions>
> &
  LastingOptions;

export function readLogOptions(given: AppendLogOptions): ReadOptions {
  const options: ReadOptions = {
    sync: "group",
    intervalMs: INTERVAL_MS,
    maxBytes: MAX_MIB * MIB,
    retainBytes: Infinity,
    onCorrupt: "throw",
    allocateBytes: MIB,
  };
  checkNames(given, [...Object.keys(options), ...lastingNames]);
  Object.assign(
    options,
    Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ),
  );
  checkOneOf("sync", options.sync, ["group", "interval", "none"]);
  checkOneOf("onCorrupt", options.onCorrupt, ["throw", "truncate"]);
  checkInteger("intervalMs", options.intervalMs, 1, INT);
  checkInteger("maxBytes", options.maxBytes, 4096, Number.MAX_SAFE_INTEGER);
  checkInteger("allocateBytes", options.allocateBytes, 0, INT);
  if (options.retainBytes !== Infinity)
    checkInteger(
      "retainBytes",
      options.retainBytes,
      0,
      Number.MAX_SAFE_INTEGER,
    );
  return options;
}
