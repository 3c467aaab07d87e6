// Groups of requests for those who write promises: a scope whose calls end together, wait for each
// other and share a priority. What a group costs, it costs its own requests.
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { AbortError } from "../../request/errors.ts";
import { misuseError } from "../../util/errors.ts";
import { checkNames } from "../option-names.ts";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import type { Outcome } from "../batches/batch.ts";
import type { AnyFunction } from "../call-forms.ts";
import { promiseFunctions } from "../promises/promise-api.ts";
import { NO_TERMS, readTerms, type Terms } from "../terms.ts";
import type { EioPromises } from "../types.ts";
import { ScopedSubmitter } from "../submitter.ts";
import { LIMIT, mapLimited, type Items, type MapOptions } from "./map.ts";
import { Members } from "./members.ts";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";

export interface GroupOptions {
  /** Cancels the group when it fires, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the group is cancelled, with a TimeoutError. */
  timeout?: number | undefined;
  /** Of calls that name none; -4 (last) to 4 (first). Groups in it inherit it. */
  priority?: number | undefined;
  /** Of calls that name none; groups in it inherit it. */
  lane?: string | undefined;
}

export type GroupPromises = Omit<EioPromises, "watch" | "constants">;

const noop = (): void => {};

/** A rejection that nobody looks at is not the process's end: the scope's owner has the group. */
function kept<T>(promise: Promise<T>): Promise<T> {
  promise.catch(noop);
  return promise;
}

/** Calls that are cancelled, limited and waited for together; made by `eio.group()`. */
export class Group implements AsyncDisposable {
  readonly #engine: () => Submitter;
  readonly #parent: Group | null;
  readonly #members = new Members();
  readonly #controller = new AbortController();
  /** What its calls are given where they name nothing. */
  readonly #terms: Terms;
  #closed = false;
  #release: () => void = noop;
  #scoped: Submitter | undefined;
  #promises: GroupPromises | undefined;

  /** @internal `eio.group()` makes groups. */
  constructor(
    engine: () => Submitter,
    options: GroupOptions = {},
    parent: Group | null = null,
  ) {
    checkNames(options, ["signal", "timeout", "priority", "lane"]);
    const { signal, timeout, priority, lane } = options;
    // Checked as those of calls are. Its own signal and deadline end the group, not each call.
    const inherited = parent === null ? NO_TERMS : parent.#terms;
    const terms = readTerms({ timeout, priority, lane }, inherited);
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw invalidArgType(
        "options.signal",
        "an instance of AbortSignal",
        signal,
      );
    this.#engine = engine;
    this.#parent = parent;
    // It may end by itself, and its calls with it: at that moment, whatever they hang in.
    this.#terms = terms.withoutEnd.with({ scopeEnds: terms.ends });
    const leave = parent === null ? noop : parent.#members.adopt(this);
    const unwatch = this.#watch(signal, timeout);
    this.#release = () => (unwatch(), leave());
    if (parent?.signal.aborted) this.cancel(parent.signal.reason);
  }

  #watch(
    signal: AbortSignal | undefined,
    timeout: number | undefined,
  ): () => void {
    const abort = (): void => this.cancel(signal!.reason);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
    const expire = (): void =>
      this.cancel(
        new DOMException(
          "The group was given up: its time is over",
          "TimeoutError",
        ),
      );
    const timer =
      timeout === undefined ? undefined : setTimeout(expire, timeout);
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
  }

  /** Fires when the group is cancelled: for whatever else a function of it does. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What was begun in the group, and in groups in it, and is still under way. */
  get pending(): number {
    return this.#members.count;
  }

  /** The functions of node:fs/promises; what is called by them belongs to the group. */
  get promises(): GroupPromises {
    this.#promises ??= Object.fromEntries(
      Object.entries(promiseFunctions(this.#here)).map(([name, run]) => [
        name,
        keeping(name, run),
      ]),
    ) as unknown as GroupPromises;
    return this.#promises;
  }

  /** A group in this one: it is cancelled with it, waited for with it, and inherits its priority. */
  group(options: GroupOptions = {}): Group {
    this.#check();
    return new Group(this.#engine, options, this);
  }

  /** Runs a function as a member: the group waits for it. */
  run<R>(work: (group: Group) => Promise<R> | R): Promise<R> {
    return kept(this.#run(work));
  }

  async #run<R>(work: (group: Group) => Promise<R> | R): Promise<R> {
    if (typeof work !== "function")
      throw invalidArgType("work", "of type function", work);
    this.#check();
    const done = this.#begin();
    try {
      return await work(this);
    } finally {
      done();
    }
  }

  /**
   * Calls `fn` for each item, `limit` at once, and resolves to their results in the order of the
   * items. The first failure cancels the others, and is what the promise is rejected with when all
   * have ended. The calls that `fn` makes by the group it is given are cancelled with it.
   */
  map<T, R>(
    items: Items<T>,
    fn: (item: Awaited<T>, index: number, group: Group) => Promise<R> | R,
    options: MapOptions = {},
  ): Promise<R[]> {
    return this.run(() => this.#map(items, fn, options, false));
  }

  /** The same, but that a failure is a result like others, and cancels nothing. */
  mapSettled<T, R>(
    items: Items<T>,
    fn: (item: Awaited<T>, index: number, group: Group) => Promise<R> | R,
    options: MapOptions = {},
  ): Promise<Outcome<R>[]> {
    const settled = async (
      item: Awaited<T>,
      index: number,
      group: Group,
    ): Promise<Outcome<R>> => {
      try {
        return { status: "fulfilled", value: await fn(item, index, group) };
      } catch (reason) {
        return { status: "rejected", reason };
      }
    };
    return this.run(() => this.#map(items, settled, options, true));
  }

  async #map<T, R>(
    items: Items<T>,
    fn: (item: Awaited<T>, index: number, group: Group) => Promise<R> | R,
    options: MapOptions,
    settled: boolean,
  ): Promise<R[]> {
    checkNames(options, ["limit"]);
    const { limit = LIMIT } = options;
    checkItems(items);
    if (typeof fn !== "function")
      throw invalidArgType("fn", "of type function", fn);
    if (typeof limit !== "number")
      throw invalidArgType("options.limit", "of type number", limit);
    if (!(Number.isInteger(limit) || limit === Infinity) || limit < 1)
      throw outOfRange("options.limit", "an integer >= 1", limit);
    await using inner = this.group();
    const results = await mapLimited<T, R>(
      items,
      async (item, index) => await fn(item as Awaited<T>, index, inner),
      limit,
      inner.signal,
      (error) => inner.cancel(error),
    );
    if (!settled && inner.signal.aborted)
      throw new AbortError(inner.signal.reason);
    return results;
  }

  /**
   * Ends all that is under way in the group and in those below it, and lets nothing else begin:
   * AbortError, with the reason as its cause. What a worker is at goes on without an audience.
   */
  cancel(reason?: unknown): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    this.#members.cancel(this.signal.reason);
  }

  /** Waits for all that was begun; then the group takes nothing more. It cancels nothing. */
  async close(): Promise<void> {
    await this.#members.whenIdle();
    this.#closed = true;
    this.#release();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Counted here and in the groups above. */
  readonly #begin = (): (() => void) => {
    const ends = [this.#members.begin()];
    for (let up = this.#parent; up !== null; up = up.#parent)
      ends.push(up.#members.begin());
    return () => {
      for (const end of ends) end();
    };
  };

  #check(): void {
    if (this.#closed) throw misuseError("ERR_EIO_GROUP_CLOSED");
    if (this.signal.aborted) throw new AbortError(this.signal.reason);
  }

  readonly #here = (): Submitter =>
    (this.#scoped ??= new ScopedSubmitter(this.#engine(), {
      terms: this.#terms,
      shares: false,
      submit: (engine, request) => {
        const closes = request.op === ops.close.code;
        if (!closes) this.#check();
        this.#members.submit(engine, request, !closes, this.#begin);
      },
    }));
}

function checkItems(items: unknown): void {
  const given = Object(items) as object;
  if (!(Symbol.iterator in given) && !(Symbol.asyncIterator in given))
    throw invalidArgType("items", "an iterable or an async iterable", items);
}

function keeping(name: string, run: AnyFunction): AnyFunction {
  const form = {
    [name](...args: unknown[]): unknown {
      const returned = run(...args);
      return returned instanceof Promise ? kept(returned) : returned;
    },
  };
  return form[name]!;
}
