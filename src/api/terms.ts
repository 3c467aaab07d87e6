// The terms of a call: everything that holds for all of its requests. They are read from the call's
// options once, at the door, and handed whole to whatever works for the call. They know no operation.
//
//   options --termsOf--> Terms --applyTerms--> each request --submit--> engine
import { opByCode } from "../ops/table.ts";
import { AbortError, errnoOf, systemError } from "../request/errors.ts";
import {
  PRIORITY_MAX,
  PRIORITY_MIN,
  type Ends,
  type Request,
} from "../request/request.ts";
import {
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from "./argument-errors.ts";
import { reportMisspelt } from "./misspelt.ts";
import type { RequestOptions } from "./request-options.ts";
import { clockMs } from "../util/node-timers.ts";
import {
  start,
  startIn,
  startOf,
  type HasStart,
  type Start,
} from "./working-directories/start.ts";

interface Fields {
  readonly signal: AbortSignal | undefined;
  /** When the call is given up, by clockMs(); Infinity: never. */
  readonly deadlineMs: number;
  /** undefined: not given. */
  readonly priority: number | undefined;
  readonly lane: string | undefined;
  /** Where paths start; null: in the process's own folder. */
  readonly wd: Start | null;
  /** The same of a call's second path. */
  readonly destWd: Start | null;
  /** What its requests read and write does not stay in the page cache. */
  readonly dropsCache: boolean;
  /** Nor does it pass through it, where that can be: then that is true, too. */
  readonly passesCache: boolean;
  /** The call belongs to a group that may be given up at any moment. */
  readonly scopeEnds: boolean;
}

export class Terms implements Fields, Ends {
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly priority: number | undefined;
  readonly lane: string | undefined;
  readonly wd: Start | null;
  readonly destWd: Start | null;
  readonly dropsCache: boolean;
  readonly passesCache: boolean;
  readonly scopeEnds: boolean;

  constructor(fields: Fields) {
    this.signal = fields.signal;
    this.deadlineMs = fields.deadlineMs;
    this.priority = fields.priority;
    this.lane = fields.lane;
    this.wd = fields.wd;
    this.destWd = fields.destWd;
    this.dropsCache = fields.dropsCache;
    this.passesCache = fields.passesCache;
    this.scopeEnds = fields.scopeEnds;
    Object.freeze(this);
  }

  get cacheUse(): Pick<Fields, "dropsCache" | "passesCache"> {
    const { dropsCache, passesCache } = this;
    return { dropsCache, passesCache };
  }

  /** Milliseconds that are left now; undefined: there is no deadline. */
  get timeout(): number | undefined {
    return this.deadlineMs === Infinity
      ? undefined
      : Math.max(0, this.deadlineMs - clockMs());
  }

  /** Whether something may end the call before it is done. */
  get ends(): boolean {
    return (
      this.signal !== undefined ||
      this.deadlineMs !== Infinity ||
      this.scopeEnds
    );
  }

  /** For a request whose first path is the second one of the call. */
  get atDestination(): Terms {
    return this.wd === this.destWd ? this : this.with({ wd: this.destWd });
  }

  /** For requests on paths that the caller did not give. */
  get withoutFolders(): Terms {
    return this.with({ wd: null, destWd: null });
  }

  /** For what has to be carried out, or comes when the call itself is over; a group ends also that. */
  get withoutEnd(): Terms {
    return this.ends
      ? this.with({ signal: undefined, deadlineMs: Infinity })
      : this;
  }

  /** The same, as they are now, for a call that has options of its own besides. */
  get options(): RequestOptions {
    const { signal, timeout, priority, lane, wd, destWd } = this;
    const { dropsCache, passesCache } = this;
    return {
      ...{ signal, timeout, priority, lane },
      ...{ wd: having(wd), destWd: having(destWd) },
      cache: passesCache ? "direct" : dropsCache ? "drop" : undefined,
    };
  }

  with(change: Partial<Fields>): Terms {
    return new Terms({ ...this, ...change });
  }

  throwIfAborted(): void {
    const { signal } = this;
    if (signal?.aborted === true) throw new AbortError(signal.reason);
  }
}

const having = (folder: Start | null): HasStart | null =>
  folder === null ? null : { [start]: folder };

/** Of a call that names nothing. */
export const NO_TERMS = new Terms({
  signal: undefined,
  deadlineMs: Infinity,
  priority: undefined,
  lane: undefined,
  wd: null,
  destWd: null,
  dropsCache: false,
  passesCache: false,
  scopeEnds: false,
});

/** Where a scope (a working directory, a group) keeps what its calls are given if they name nothing. */
export const scopeTerms = Symbol("terms of the scope");

/** An engine, or something in front of one. */
export interface HasTerms {
  readonly [scopeTerms]?: Terms | undefined;
  submit(request: never): void;
}

/** The terms of a call, by its options and its scope. Throws for what no option may be. */
export const termsOf = (engine: HasTerms, options: unknown): Terms =>
  readTerms(options, engine[scopeTerms] ?? NO_TERMS);

export function readTerms(options: unknown, defaults: Terms): Terms {
  if (options === null || typeof options !== "object") return defaults;
  if (options instanceof Terms) return options;
  reportMisspelt(options);
  const { signal, timeout, priority, lane, wd, destWd, cache } =
    options as RequestOptions;
  if (
    signal === undefined &&
    timeout === undefined &&
    priority === undefined &&
    lane === undefined &&
    wd == null &&
    destWd === undefined &&
    cache === undefined
  )
    return defaults;
  if (lane !== undefined && typeof lane !== "string")
    throw invalidArgType("options.lane", "of type string", lane);
  if (priority !== undefined) checkPriority(priority);
  const from = startOf("options.wd", wd);
  const to = startOf("options.destWd", destWd);
  if (signal !== undefined) checkSignal(signal);
  if (timeout !== undefined) checkTimeout(timeout);
  return new Terms({
    signal,
    deadlineMs: timeout === undefined ? Infinity : clockMs() + timeout,
    priority: priority ?? defaults.priority,
    lane: lane ?? defaults.lane,
    wd: from ?? defaults.wd,
    destWd: destWd === undefined ? (from ?? defaults.destWd) : to,
    ...(readCache(cache) ?? defaults.cacheUse),
    scopeEnds: defaults.scopeEnds,
  });
}

const OVER = new Set([
  "ABORT_ERR",
  "ETIMEDOUT",
  "ERR_EIO_CLOSED",
  "ERR_EIO_UNKNOWN_LANE",
]);

/** Whether an error says that the call is over, or cannot begin, and nothing of a file. */
export const endsCall = (error: unknown): boolean =>
  OVER.has((error as NodeJS.ErrnoException | null)?.code ?? "");

declare const applied: unique symbol;
/** A request that was given its call's terms: no other can be submitted. */
export type RequestWithTerms = Request & { readonly [applied]: true };

/**
 * Gives a request, whose paths are known by now, the terms of its call. Throws where the call is over
 * already: its signal fired, or its deadline passed.
 */
export function applyTerms(request: Request, terms: Terms): RequestWithTerms {
  if (terms !== NO_TERMS) apply(request, terms);
  return request as RequestWithTerms;
}

function apply(request: Request, terms: Terms): void {
  const { priority, lane, wd, destWd } = terms;
  request.dropsCache = terms.dropsCache;
  request.passesCache = terms.passesCache;
  if (lane !== undefined) request.laneName = lane;
  if (priority !== undefined) request.level = priority - PRIORITY_MIN;
  if (wd !== null || destWd !== null) startIn(request, wd, destWd);
  if (!terms.ends) return;
  terms.throwIfAborted();
  if (terms.timeout === 0) throw timedOut(request);
  request.ends = terms;
}

/** As that of a request whose time is over while it runs. */
function timedOut({ op, path, path2 }: Request): Error {
  const { syscall } = opByCode[op]!;
  return systemError(errnoOf("ETIMEDOUT"), syscall, path, path2);
}

export function checkSignal(signal: unknown): asserts signal is AbortSignal {
  if (typeof signal !== "object" || signal === null || !("aborted" in signal))
    throw invalidArgType(
      "options.signal",
      "an instance of AbortSignal",
      signal,
    );
}

function checkTimeout(timeout: unknown): void {
  if (typeof timeout !== "number")
    throw invalidArgType("options.timeout", "of type number", timeout);
  if (!(timeout >= 0 && timeout <= 0x7fffffff))
    throw outOfRange("options.timeout", ">= 0 && <= 2147483647", timeout);
}

/** Of old, realpath takes an object of that name, which Node ignores as well. */
function readCache(cache: unknown): Terms["cacheUse"] | undefined {
  if (cache === undefined || (typeof cache === "object" && cache !== null))
    return undefined;
  if (cache !== "keep" && cache !== "drop" && cache !== "direct")
    throw invalidArgValue(
      "options.cache",
      cache,
      "must be keep, drop or direct",
    );
  return { dropsCache: cache !== "keep", passesCache: cache === "direct" };
}

function checkPriority(priority: unknown): void {
  if (typeof priority !== "number")
    throw invalidArgType("options.priority", "of type number", priority);
  if (
    !Number.isInteger(priority) ||
    priority < PRIORITY_MIN ||
    priority > PRIORITY_MAX
  )
    throw outOfRange(
      "options.priority",
      `an integer >= ${PRIORITY_MIN} && <= ${PRIORITY_MAX}`,
      priority,
    );
}
