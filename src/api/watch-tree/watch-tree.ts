// A folder and all that is below it as an iterable of batches of changes: see docs/watch-tree.md. How changes become known is the
// business of a source, and what they are of follower.ts.
import path from "node:path";
import { loadNative } from "../../backends/native.ts";
import type { Engine } from "../../engine/engine.ts";
import { AbortError, errnoOf, systemError } from "../../request/errors.ts";
import { misuseError } from "../../util/errors.ts";
import { clearTimeout, setTimeout } from "../../util/node-timers.ts";
import { invalidArgType } from "../argument-errors.ts";
import { acceptPath } from "../arguments.ts";
import { termsOf } from "../terms.ts";
import type { EioPromises } from "../types.ts";
import { throwIfAborted } from "../waiting.ts";
import { Batch, type WatchEvent } from "./events.ts";
import { RootGone, TreeFollower } from "./follower.ts";
import { LinuxSource, type LinuxMethod } from "./linux.ts";
import { NodeSource } from "./node-watch.ts";
import {
  readWatchTreeOptions,
  type ReadWatchTreeOptions,
  type WatchTreeOptions,
} from "./options.ts";
import type { Host, Source, WatchMethod } from "./source.ts";
import type { Folder } from "./tree.ts";

/** What paths of events are, by the options. */
export type WatchedPath<O> = O extends { encoding: "buffer" } ? Buffer : string;

/** The changes below a folder, in batches; returned by `eio.watchTree()`. */
export class TreeWatcher<P extends string | Buffer = string>
  implements AsyncIterable<WatchEvent<P>[]>, AsyncDisposable
{
  /** Resolves when the whole tree is watched: every later change is reported. */
  readonly ready: Promise<void>;
  readonly #path: string;
  readonly #options: ReadWatchTreeOptions;
  readonly #source: Source;
  readonly #follower: TreeFollower;
  readonly #batches: AsyncGenerator<WatchEvent<P>[], void, void>;
  /** Ends its requests. */
  readonly #end = new AbortController();
  /** For which there is no watch. */
  readonly #refused = new Set<Folder>();
  /** What is there at the beginning; null: it was given. */
  #first: Batch | null;
  readonly #pathOf: (bytes: string) => P;
  #closed = false;
  /** By close(): that is no failure. */
  #isLeft = false;
  #noticed = false;
  #wake: (() => void) | null = null;
  /** Of the instance: it was closed. */
  #closedError: Error | null = null;
  #stopListening: () => void = () => {};

  /** @internal */
  constructor(
    engine: Engine,
    promises: EioPromises,
    folder: string | Uint8Array | URL,
    options: WatchTreeOptions = {},
  ) {
    this.#options = readWatchTreeOptions(options);
    const { encoding, call, ignores, initial, signal } = this.#options;
    this.#path = absolute(folder);
    this.#first = new Batch(!initial);
    this.#pathOf = (encoding === "buffer" ? bytesOf : textOf) as never;
    const host: Host = {
      noticed: () => this.#notice(),
      refused: (folder) => this.#refuse(folder),
    };
    const terms = termsOf(engine, { ...call, signal: this.#end.signal });
    const ended = { ...call, signal: this.#end.signal };
    const setting = { engine, promises, terms, call: ended, host };
    const source = chooseSource(this.#options.method, setting);
    this.#source = source;
    this.#follower = new TreeFollower(
      this.#path,
      ignores === null ? null : (path) => ignores(textOf(path)),
      source,
    );
    this.#endWith(engine, signal);
    this.ready = this.#start();
    // Whoever iterates is given the error.
    this.ready.catch(() => {});
    this.#batches = this.#iterate();
  }

  /** The method in use. It is final once `ready` resolves, unless there are too few watches later. */
  get method(): WatchMethod {
    return this.#source.method;
  }
  /** Why this method is used. */
  get reason(): string {
    return this.#source.reason;
  }

  /** There is one iteration: each loop continues where the previous one stopped. Leaving a loop early ends the watching. */
  [Symbol.asyncIterator](): AsyncGenerator<WatchEvent<P>[], void, void> {
    return this.#batches;
  }

  /** Ends the iteration, even while it waits. */
  async close(): Promise<void> {
    this.#isLeft ||= !this.#closed;
    this.#finish();
    await this.#batches.return();
    await this.ready.catch(() => {});
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #endWith(engine: Engine, signal: AbortSignal | undefined): void {
    const abort = (): void => this.#finish();
    if (signal?.aborted === true) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    const unlisten = engine.onClose((error) => {
      if (this.#closed) return;
      this.#closedError = error;
      this.#finish();
    });
    this.#stopListening = () => {
      signal?.removeEventListener("abort", abort);
      unlisten();
    };
  }

  /** Nothing is noticed from now on. */
  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    this.#end.abort();
    this.#source.close();
    this.#wake?.();
  }

  async #start(): Promise<void> {
    try {
      if (this.#path === "") throw new RootGone();
      await this.#collect(this.#first!);
    } catch (error) {
      const why = this.#why(error);
      this.#finish();
      throw why;
    }
  }

  async *#iterate(): AsyncGenerator<WatchEvent<P>[], void, void> {
    const { initial, debounce, signal } = this.#options;
    try {
      await this.ready;
      const first = this.#first!.events(this.#pathOf);
      this.#first = null;
      if (initial || first.length > 0) yield first;
      while (!this.#closed) {
        if (!this.#noticed && !this.#follower.hasWork) await this.#sleep(null);
        if (!this.#closed && debounce > 0) await this.#sleep(debounce);
        if (this.#closed) break;
        const batch = new Batch();
        let failure: { error: unknown } | null = null;
        try {
          await this.#collect(batch);
        } catch (error) {
          failure = { error };
        }
        const events = batch.events(this.#pathOf);
        if (events.length > 0 && !this.#closed) yield events;
        if (failure !== null) throw failure.error;
      }
    } catch (error) {
      if (!this.#isLeft) throw this.#why(error);
    } finally {
      this.#finish();
    }
    if (this.#closedError !== null) throw this.#closedError;
    throwIfAborted(signal);
  }

  async #collect(batch: Batch): Promise<void> {
    this.#noticed = false;
    await this.#follower.collect(batch);
  }

  #why(error: unknown): unknown {
    const { signal } = this.#options;
    if (this.#closedError !== null) return this.#closedError;
    if (signal?.aborted === true) return new AbortError(signal.reason);
    if (error instanceof RootGone)
      return systemError(errnoOf("ENOENT"), "watch", textOf(this.#path));
    return error;
  }

  #notice(): void {
    this.#noticed = true;
    if (!this.#gathers) this.#wake?.();
  }
  /** It waits for more, not for the first. */
  #gathers = false;

  #refuse(folder: Folder): void {
    if (this.#refused.size === 0) this.#follower.overflow("watches");
    folder.refused = true;
    this.#refused.add(folder);
  }

  /** null: until something is noticed. */
  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const polls = ms === null && this.#refused.size > 0;
      const timer = setTimeout(
        () => {
          if (polls) this.#compareRefused();
          wake();
        },
        polls ? this.#options.pollMs : (ms ?? FOREVER_MS),
      );
      const wake = (): void => {
        clearTimeout(timer);
        this.#wake = null;
        this.#gathers = false;
        resolve();
      };
      this.#gathers = ms !== null;
      this.#wake = wake;
    });
  }

  #compareRefused(): void {
    for (const folder of this.#refused)
      if (folder.detached || !folder.refused) this.#refused.delete(folder);
      else this.#follower.revisit(folder);
  }
}

/** Watches a tree and reports its changes. */
export const watchTree = <const O extends WatchTreeOptions>(
  engine: Engine,
  promises: EioPromises,
  folder: string | Uint8Array | URL,
  options?: O,
): TreeWatcher<WatchedPath<O>> =>
  new TreeWatcher<WatchedPath<O>>(engine, promises, folder, options);

/** It is woken before that. */
const FOREVER_MS = 0x7fffffff;

type Setting = ConstructorParameters<typeof NodeSource>[0] & { engine: Engine };

function chooseSource(
  method: ReadWatchTreeOptions["method"],
  setting: Setting,
): Source {
  if (method === "node")
    return new NodeSource(setting, "the option `method` says so");
  const source = linux(method, setting);
  if (typeof source !== "string") return source;
  if (method !== "auto")
    throw misuseError("ERR_EIO_BACKEND_UNAVAILABLE", method, source);
  return new NodeSource(setting, source);
}

/** A text says why it cannot be had. */
function linux(method: LinuxMethod, setting: Setting): Source | string {
  const native = loadNative();
  if (native.addon === null) return `no native code: ${native.reason}`;
  const { name } = setting.engine.backend;
  // Its workers are not native, and cannot watch.
  if (WITHOUT_THREADS.has(name)) return `the backend is ${name}`;
  const { addon } = native;
  return LinuxSource.open(method, { addon, ...setting });
}

const WITHOUT_THREADS = new Set<string>(["pool", "null", "simulated"]);

/** Absolute, bytes as characters; nothing is no folder, though it resolves to the current one. */
function absolute(folder: unknown): string {
  const given = acceptPath(folder);
  if (given === null)
    throw invalidArgType(
      "folder",
      "of type string or an instance of Buffer or URL",
      folder,
    );
  if (given.length === 0) return "";
  const bytes = Buffer.from(given as string).latin1Slice();
  const cwd = Buffer.from(process.cwd()).latin1Slice();
  const whole = path.resolve(cwd, bytes);
  return whole === path.parse(whole).root && path.sep === "/" ? "/." : whole;
}

const bytesOf = (bytes: string): Buffer => Buffer.from(bytes, "latin1");

const textOf = (bytes: string): string =>
  /^[\0-\x7f]*$/.test(bytes) ? bytes : bytesOf(bytes).toString();
