// The rules of a plan of faults: what a test writes, checked and turned into what the plan decides by. It knows the form of a
// rule, not when one strikes.
import { constants } from "node:os";
import { inspect } from "node:util";
import { SHORTENABLE } from "../../backends/faults/shorten.ts";
import { opNames, type OpName } from "../../ops/table.ts";
import { misuseError } from "../../util/errors.ts";
import { checkNames } from "../option-names.ts";
import { wantedOp } from "../op-names.ts";
import { matcher, type PathPattern } from "./pattern.ts";

/** Names for several ops at once. */
export const families = {
  reads: ["read", "readBlock", "slurp", "slurpFd"],
  writes: ["write", "writev", "spew", "spewAtomic"],
  syncs: ["fsync", "fdatasync", "syncFileRange", "syncfs", "syncPath"],
  names: ["rename", "renameat2", "unlink", "link", "symlink", "rmdir", "mkdir"],
  stats: ["stat", "lstat", "fstat", "statx", "fstatx", "statMany"],
} as const satisfies Record<string, readonly OpName[]>;

export type OpFamily = keyof typeof families;

/** What happens to a request: how it is held back (`delayMs`, `reorder`, `hang`), and its result (`error`, `short`). At least one of these. */
export interface Fault {
  /** The request fails with this code (such as "ENOSPC"), and does not run. */
  error?: string;
  /** With `error`: the system call named in the error. Default: that of the op. */
  syscall?: string;
  /** Maximum number of bytes that the request transfers, or a random part. */
  short?: number | "random";
  /** Milliseconds by which the request is delayed, by the clock of the plan. */
  delayMs?: number;
  /** This many requests wait for each other, and then run one after the other in random order. */
  reorder?: number;
  /** The request does not start until plan.release(). A cancel or a deadline ends it, too. */
  hang?: boolean;
}

export interface FaultRule {
  /** Ops by their names in the table, or families of ops. Default: all. */
  op?: OpName | OpFamily | readonly (OpName | OpFamily)[];
  /** Paths; for an operation on a descriptor, the path by which it was opened. Default: all requests, including those without a path. */
  path?: PathPattern;
  /** How many matching requests pass before the rule applies. */
  after?: number;
  /** How often the rule applies at most. */
  times?: number;
  /** The share of matching requests to which the rule applies, from 0 to 1. */
  probability?: number;
  then: Fault;
}

export interface ReadRule {
  ops: ReadonlySet<OpName> | null;
  matches: ((path: string) => boolean) | null;
  after: number;
  times: number;
  probability: number;
  hold: { delayMs: number } | { reorder: number } | "hang" | null;
  error: { errno: number; syscall: string | null } | null;
  short: number | "random" | null;
  about: string;
}

const INT = 0x7fffffff;
const REORDER_MAX = 1024;
const ruleNames = ["op", "path", "after", "times", "probability", "then"];
const faultNames = ["error", "syscall", "short", "delayMs", "reorder", "hang"];

const refuse = (name: string, want: string, got: unknown): Error =>
  misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));

export function readRule(given: FaultRule, at: number): ReadRule {
  const where = `rules[${at}]`;
  checkNames(given, ruleNames, where);
  const count = (name: "after" | "times", fallback: number): number =>
    integerOf(given[name], `${where}.${name}`, 0, fallback);
  const { probability = 1, path, then } = given;
  if (
    typeof probability !== "number" ||
    !(probability >= 0 && probability <= 1)
  )
    throw refuse(`${where}.probability`, "a number from 0 to 1", probability);
  return {
    ops: readOps(given.op, `${where}.op`),
    matches: readPath(path, `${where}.path`),
    after: count("after", 0),
    times: count("times", Infinity),
    probability,
    ...readFault(then, `${where}.then`, given.op),
  };
}

function integerOf(
  value: unknown,
  name: string,
  min: number,
  fallback: number,
  max = INT,
): number {
  if (value === undefined) return fallback;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max)
    return Number(value);
  throw refuse(name, `an integer from ${min} to ${max}`, value);
}

function readOps(given: unknown, name: string): Set<OpName> | null {
  if (given === undefined) return null;
  const names = Array.isArray(given) ? (given as unknown[]) : [given];
  const found = new Set<OpName>();
  for (const one of names) {
    const family = Object.hasOwn(families, String(one))
      ? families[one as OpFamily]
      : [one as OpName];
    for (const op of family) {
      if (!opNames.includes(op))
        throw refuse(name, wantedOp(op, Object.keys(families)), op);
      found.add(op);
    }
  }
  return found;
}

function readPath(
  given: unknown,
  name: string,
): ((path: string) => boolean) | null {
  if (given === undefined) return null;
  if (
    typeof given === "string" ||
    typeof given === "function" ||
    given instanceof RegExp
  )
    return matcher(given as PathPattern);
  throw refuse(name, "a pattern, a regular expression or a function", given);
}

function readFault(
  given: Fault,
  where: string,
  op: FaultRule["op"],
): Pick<ReadRule, "hold" | "error" | "short" | "about"> {
  checkNames(given, faultNames, where);
  const { error, short, syscall, hang } = given;
  if (hang !== undefined && typeof hang !== "boolean")
    throw refuse(`${where}.hang`, "true or false", hang);
  const delayMs = integerOf(given.delayMs, `${where}.delayMs`, 0, -1);
  const reorder = integerOf(
    given.reorder,
    `${where}.reorder`,
    2,
    -1,
    REORDER_MAX,
  );
  const holds: NonNullable<ReadRule["hold"]>[] = [];
  if (hang === true) holds.push("hang");
  if (delayMs !== -1) holds.push({ delayMs });
  if (reorder !== -1) holds.push({ reorder });
  if (holds.length > 1)
    throw refuse(where, "with one of delayMs, reorder and hang", given);
  if (error !== undefined && short !== undefined)
    throw refuse(where, "with one of error and short", given);
  if (holds.length === 0 && error === undefined && short === undefined)
    throw refuse(where, `with one of ${faultNames.join(", ")}`, given);
  if (syscall !== undefined && (typeof syscall !== "string" || !error))
    throw refuse(`${where}.syscall`, "a string, beside an error", syscall);
  if (short !== undefined && short !== "random")
    integerOf(short, `${where}.short`, 1, 0);
  if (short !== undefined && op !== undefined) checkShort(op, where);
  return {
    hold: holds[0] ?? null,
    error:
      error === undefined
        ? null
        : { errno: errnoOf(error, where), syscall: syscall ?? null },
    short: short ?? null,
    about: Object.entries(given)
      .map(([name, value]) => `${name}: ${String(value)}`)
      .join(", "),
  };
}

/** Jobs go on after a short transfer: nothing would be seen of it. */
function checkShort(op: NonNullable<FaultRule["op"]>, where: string): void {
  const named = readOps(op, where)!;
  const known: readonly OpName[] = SHORTENABLE;
  if (known.some((name) => named.has(name))) return;
  throw refuse(
    `${where}.short`,
    `for an op that returns a count (${known.join(", ")})`,
    op,
  );
}

function errnoOf(code: unknown, where: string): number {
  const known = constants.errno as Record<string, number>;
  if (typeof code === "string" && Object.hasOwn(known, code))
    return -known[code]!;
  throw refuse(`${where}.error`, 'the code of an error, as "EIO"', code);
}
