// The options of a log, checked. It does not know what they do.
import { checkNames } from "../option-names.ts";
import { lastingNames, type LastingOptions } from "../lasting-options.ts";
import { checkInteger, checkOneOf } from "../option-values.ts";

export interface AppendLogOptions extends LastingOptions {
  /**
   * When append() resolves: when the record is on the disk, with one sync for all that wait (`group`, the default), or when it
   * is written, with an fdatasync each `intervalMs`, or none.
   */
  sync?: "group" | "interval" | "none";
  intervalMs?: number;
  /** A segment that would be longer is followed by another one. */
  maxBytes?: number;
  /** The oldest segments are removed while all others together have at least so many bytes; by default all are kept. */
  retainBytes?: number;
  /**
   * A record of the last segment that had been synced is damaged: opening fails (`throw`, the default), or it and what follows is cut off. What was
   * being written when the power went is cut off in either case.
   */
  onCorrupt?: "throw" | "truncate";
  /** Space is taken from the disk so far ahead; 0: it is not. */
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
