// A plan of faults: which requests of an instance go wrong, and how. It decides by its rules and its seed alone, so that the
// same requests meet the same faults again; it does not know who runs requests.
import type {
  BackendWrapper,
  MakeBackend,
} from "../../backends/custom-backend.ts";
import { wrapsBackend } from "../../backends/custom-backend.ts";
import type {
  Decider,
  Holder,
  Seen,
  Strike,
} from "../../backends/faults/decider.ts";
import { FaultyBackend } from "../../backends/faults/faulty-backend.ts";
import { SHORTENABLE } from "../../backends/faults/shorten.ts";
import type { OpName } from "../../ops/table.ts";
import { misuseError } from "../../util/errors.ts";
import { Seeded } from "../../util/seeded.ts";
import { inspect } from "node:util";
import { checkNames } from "../option-names.ts";
import { PlanClock } from "./clock.ts";
import { matcher, type PathPattern } from "./pattern.ts";
import { readRule, type FaultRule, type ReadRule } from "./rules.ts";

export interface PlanOptions {
  /** Determines all random decisions. Default: 0. */
  seed?: number;
  rules?: readonly FaultRule[];
  /** `virtual` (the default): time passes only when the test moves the clock. `real`: it follows the real clock. */
  clock?: "virtual" | "real";
}

export interface TraceEntry {
  /** How many requests came before this one. */
  at: number;
  op: OpName;
  path: string | null;
  /** The number of the rule that applied to the request; null if none did. */
  rule: number | null;
  fault: string | null;
}

export interface HeldRequest {
  op: OpName;
  path: string | null;
  hangs: boolean;
}

export interface HeldFilter {
  op?: OpName;
  path?: PathPattern;
}

/** Entries that a trace keeps; the first ones make way. */
const TRACE_MAX = 100_000;
const shortenable: ReadonlySet<OpName> = new Set(SHORTENABLE);

/** Decides which operations fail, transfer less, are delayed or reordered, or hang; the same seed gives the same decisions. */
export class FaultPlan implements BackendWrapper {
  readonly seed: number;
  readonly clock: PlanClock;
  readonly #decisions: Decisions;

  constructor(options: PlanOptions = {}) {
    checkNames(options, ["seed", "rules", "clock"]);
    const { seed = 0, rules = [], clock = "virtual" } = options;
    if (!Number.isSafeInteger(seed))
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        "seed",
        "an integer",
        inspect(seed),
      );
    if (clock !== "virtual" && clock !== "real")
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        "clock",
        '"virtual" or "real"',
        inspect(clock),
      );
    if (!Array.isArray(rules))
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        "rules",
        "an array",
        inspect(rules),
      );
    this.seed = seed;
    this.clock = new PlanClock(clock === "real", () =>
      this.#decisions.advanced(),
    );
    const read = (rules as FaultRule[]).map((rule, at) => readRule(rule, at));
    this.#decisions = new Decisions(seed, read, this.clock);
  }

  /** The decision about each request, in the order in which the requests were handed over. */
  get trace(): readonly TraceEntry[] {
    return this.#decisions.trace;
  }

  /** The requests that are held back now. */
  get held(): HeldRequest[] {
    return this.#decisions.held();
  }

  /** Releases requests that hang: all, or those of an op or a path. Returns how many were released. */
  release(filter: HeldFilter = {}): number {
    const { op, path } = filter;
    const matches = path === undefined ? null : matcher(path);
    return this.#decisions.release(
      (seen) =>
        (op === undefined || seen.op === op) &&
        (matches === null || pathsOf(seen).some(matches)),
    );
  }

  /** @internal */
  [wrapsBackend](make: MakeBackend): MakeBackend {
    return (memory, completions, wake) =>
      new FaultyBackend(memory, completions, wake, make, this.#decisions);
  }
}

/** Creates a plan, which makes requests fail, hang or transfer less, by rules: for `createEio({ faults })`. */
export const plan = (options?: PlanOptions): FaultPlan =>
  new FaultPlan(options);

const pathsOf = ({ path, path2 }: Seen): string[] =>
  [path, path2].filter((one) => one !== null);

interface Counted {
  matched: number;
  struck: number;
  groups: number;
}

/** Draws by seed, rule, op and path, and by how many of these there were before: what others do at the same time is nothing to it. */
class Decisions implements Decider {
  readonly #seed: number;
  readonly #rules: readonly ReadRule[];
  readonly #counts: Counted[];
  readonly #clock: PlanClock;
  readonly #holders = new Set<Holder>();
  readonly #drawn = new Map<string, number>();
  readonly trace: TraceEntry[] = [];
  #seen = 0;

  constructor(seed: number, rules: readonly ReadRule[], clock: PlanClock) {
    this.#seed = seed;
    this.#rules = rules;
    this.#counts = rules.map(() => ({ matched: 0, struck: 0, groups: 0 }));
    this.#clock = clock;
  }

  decide(seen: Seen): Strike | null {
    const rule = this.#rules.findIndex((one, at) =>
      this.#strikes(one, at, seen),
    );
    const { op, path } = seen;
    if (this.trace.length === TRACE_MAX) this.trace.shift();
    const found = this.#rules[rule];
    this.trace.push({
      ...{ at: this.#seen++, op, path },
      rule: found === undefined ? null : rule,
      fault: found?.about ?? null,
    });
    if (found === undefined) return null;
    const { hold, error, short } = found;
    return {
      ...{ rule, hold, error },
      short:
        short === null
          ? null
          : short === "random"
            ? (bytes) => 1 + this.#draw(`short ${rule}`, seen).below(bytes - 1)
            : () => short,
    };
  }

  #strikes(rule: ReadRule, at: number, seen: Seen): boolean {
    const { ops, matches, short } = rule;
    if (ops !== null && !ops.has(seen.op)) return false;
    if (matches !== null && !pathsOf(seen).some(matches)) return false;
    if (short !== null && !shortenable.has(seen.op)) return false;
    const counts = this.#counts[at]!;
    counts.matched++;
    if (counts.matched <= rule.after || counts.struck >= rule.times)
      return false;
    const { probability } = rule;
    if (probability < 1 && !this.#draw(`rule ${at}`, seen).chance(probability))
      return false;
    counts.struck++;
    return true;
  }

  #draw(what: string, { op, path }: Seen): Seeded {
    const key = `${what} ${op} ${path ?? ""}`;
    const before = this.#drawn.get(key) ?? 0;
    this.#drawn.set(key, before + 1);
    return new Seeded(this.#seed, key, before);
  }

  orderOf(rule: number, count: number): number[] {
    const { groups } = this.#counts[rule]!;
    this.#counts[rule]!.groups++;
    const random = new Seeded(this.#seed, "order", rule, groups);
    return random.shuffle([...Array(count).keys()]);
  }

  nowMs(): number {
    return this.#clock.nowMs;
  }

  awaits(atMs: number): void {
    this.#clock.awaits(atMs);
  }

  attach(holder: Holder): void {
    this.#holders.add(holder);
  }

  detach(holder: Holder): void {
    this.#holders.delete(holder);
  }

  advanced(): void {
    for (const holder of this.#holders) holder.advanced();
  }

  held(): HeldRequest[] {
    return [...this.#holders].flatMap((holder) =>
      [...holder.held()].map(({ seen: { op, path }, hangs }) => ({
        ...{ op, path, hangs },
      })),
    );
  }

  release(accepts: (seen: Seen) => boolean): number {
    let count = 0;
    for (const holder of this.#holders) count += holder.release(accepts);
    return count;
  }
}
