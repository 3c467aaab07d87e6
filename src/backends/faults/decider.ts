// What the backend of faults and the plan of a test know of each other: what is seen of a request, what is to go wrong with
// it, and the clock. It decides nothing.
import type { OpName } from "../../ops/table.ts";

/** A request as rules see it. */
export interface Seen {
  op: OpName;
  /** As the caller gave it; of an operation on a descriptor, the path that it was opened by. */
  path: string | null;
  /** Of those with two paths. */
  path2: string | null;
}

export interface Strike {
  /** The number of the rule. */
  rule: number;
  /** It begins later, or never by itself. */
  hold: { delayMs: number } | { reorder: number } | "hang" | null;
  /** It fails with that, and does not run. */
  error: { errno: number; syscall: string | null } | null;
  /** It transfers so many bytes at most. Given a count, it returns at least 1. */
  short: ((bytes: number) => number) | null;
}

/** A request that was kept from beginning. */
export interface Held {
  readonly seen: Seen;
  readonly hangs: boolean;
}

/** Somebody who keeps requests back. */
export interface Holder {
  /** Those that are kept back now, in the order in which they came. */
  held(): Iterable<Held>;
  /** Lets those go that hang and that the filter accepts; returns how many. */
  release(accepts: (seen: Seen) => boolean): number;
  /** The clock has moved on. */
  advanced(): void;
}

export interface Decider {
  /** null: nothing goes wrong with it. */
  decide(seen: Seen): Strike | null;
  /** The order in which a group of requests is begun: positions in it. */
  orderOf(rule: number, count: number): number[];
  nowMs(): number;
  /** Somebody waits until then. */
  awaits(atMs: number): void;
  attach(holder: Holder): void;
  detach(holder: Holder): void;
}
