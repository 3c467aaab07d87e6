// The options of a log, checked. It does not know what they do.
import { inspect } from "node:util";
import { misuseError } from "../../util/errors.ts";
import { checkNames } from "../option-names.ts";

export interface AppendLogOptions {
  /**
   * When append() resolves: when the record is on the disk, with one fdatasync for all that wait (`group`, the default), or when it
   * is written, with an fdatasync each `intervalMs`, or none.
   */
  sync?: "group" | "interval" | "none";
  intervalMs?: number;
  /** A segment that would be longer is followed by another one. */
  maxBytes?: number;
  /** The oldest segments are removed while all others together have at least so many bytes; by default all are kept. */
  retainBytes?: number;
  /**
   * A record that had been synced is damaged: opening fails (`throw`, the default), or it and what follows is cut off. What was
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

type Read = Required<AppendLogOptions>;

export function readLogOptions(given: AppendLogOptions): Read {
  const options: Read = {
    sync: "group",
    intervalMs: INTERVAL_MS,
    maxBytes: MAX_MIB * MIB,
    retainBytes: Infinity,
    onCorrupt: "throw",
    allocateBytes: MIB,
  };
  checkNames(given, Object.keys(options));
  Object.assign(
    options,
    Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ),
  );
  oneOf("sync", options.sync, ["group", "interval", "none"]);
  oneOf("onCorrupt", options.onCorrupt, ["throw", "truncate"]);
  integer("intervalMs", options.intervalMs, 1, INT);
  integer("maxBytes", options.maxBytes, 4096, Number.MAX_SAFE_INTEGER);
  integer("allocateBytes", options.allocateBytes, 0, INT);
  if (options.retainBytes !== Infinity)
    integer("retainBytes", options.retainBytes, 0, Number.MAX_SAFE_INTEGER);
  return options;
}

function oneOf(name: string, value: unknown, known: string[]): void {
  if (typeof value === "string" && known.includes(value)) return;
  throw misuseError(
    "ERR_EIO_INVALID_OPTION",
    name,
    `one of ${known.join(", ")}`,
    inspect(value),
  );
}

function integer(name: string, value: unknown, min: number, max: number): void {
  if (
    Number.isSafeInteger(value) &&
    Number(value) >= min &&
    Number(value) <= max
  )
    return;
  throw misuseError(
    "ERR_EIO_INVALID_OPTION",
    name,
    `an integer from ${min} to ${max}`,
    inspect(value),
  );
}
