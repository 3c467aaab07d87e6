// createEio: an instance of one's own, with every door on it. It knows the doors and what is loaded late for them;
// what runs a request it leaves to instance.ts.
import type { LaneState } from "../engine/engine.ts";
import { closedHere } from "../engine/shutdown.ts";
import type { BackendName, Probe, RunnerName } from "../backends/backend.ts";
import { listBackends } from "../backends/select.ts";
import type { ThreadLimits } from "../backends/thread-limits.ts";
import { ops } from "../ops/table.ts";
import { Request } from "../request/request.ts";
import { decodeNone } from "../request/results.ts";
import type { PathLike } from "./arguments.ts";
import {
  AtomicWriter,
  type AtomicData,
  type AtomicOptions,
} from "./atomic/write-file-atomic.ts";
import {
  readFiles,
  statMany,
  type ReadFiles,
  type StatMany,
} from "./batches/batches.ts";
import { callbackApi } from "./callbacks/callback-api.ts";
import { custom, type Custom, type CustomOptions } from "./custom.ts";
import { eioForm, type EioForm } from "./eio/api.ts";
import type { EioDoor } from "./eio/types.ts";
import { alloc, release } from "./direct/alloc.ts";
import { openDirect } from "./direct/open.ts";
import { executor, type Executor } from "./executor/executor.ts";
import type { ExecutorOptions } from "./executor/options.ts";
import { copyFile } from "./files/copy-file.ts";
import { cp } from "./trees/cp-report.ts";
import { Group, type GroupOptions } from "./groups/group.ts";
import { Events } from "./instance/events.ts";
import { Instance, defaultInstance } from "./instance/instance.ts";
import {
  checkCounts,
  checkLimits,
  type EioOptions,
} from "./instance/options.ts";
import { checkNames } from "./option-names.ts";
import type { FileLock } from "./locks/file-lock.ts";
import type { LeaseLock } from "./locks/lease-lock.ts";
import { Locks } from "./locks/locks.ts";
import type { LeaseLockOptions, LockOptions } from "./locks/options.ts";
import type { AppendLog } from "./log/append-log.ts";
import { openLog, readLog } from "./log/open.ts";
import type { AppendLogOptions } from "./log/options.ts";
import type { LogRecord, ReadLogOptions } from "./log/reader.ts";
import type { LastingOptions } from "./lasting-options.ts";
import { openHandles, type OpenHandle } from "./observe/handles.ts";
import { stats, type EioStats } from "./observe/stats.ts";
import {
  onSlow,
  type OnSlowOptions,
  type SlowListener,
} from "./observe/slow.ts";
import { onTimed } from "./observe/timed.ts";
import { promiseApi } from "./promises/promise-api.ts";
import { readMany } from "./batches/read-many.ts";
import type { RequestOptions } from "./request-options.ts";
import { promised, settlePromise } from "./submit.ts";
import { sendFile } from "./send-file/send-file.ts";
import { sysApi, type EioSys } from "./sys/sys.ts";
import { applyTerms, termsOf } from "./terms.ts";
import type { EioFs, EioPromises } from "./types.ts";
import { openWd, type OpenWdOptions } from "./working-directories/open.ts";
import type { WorkingDirectory } from "./working-directories/working-directory.ts";
import { tail, type Tail, type TailItem } from "./tail/tail.ts";
import type { TailOptions } from "./tail/options.ts";
import {
  watchTree,
  type TreeWatcher,
  type WatchedPath,
} from "./watch-tree/watch-tree.ts";
import type { WatchTreeOptions } from "./watch-tree/options.ts";
import type { RequestEvent } from "./observe/describe.ts";
import { explainOp } from "./observe/explain.ts";

type Rest<F> = F extends (engine: never, ...rest: infer R) => infer T
  ? (...rest: R) => T
  : never;

/** An instance: a queue, its threads, and all functions that use them; returned by `createEio()`. `eio` is the shared one. */
export class Eio extends Events {
  readonly #instance: () => Instance;
  readonly #options: EioOptions;
  /** A drop-in for node:fs/promises on this instance. */
  readonly promises: EioPromises;
  #fs: EioFs | undefined;
  #sys: EioSys | undefined;
  #atomic: AtomicWriter | undefined;
  #locks: Locks | undefined;
  #eio: EioForm | undefined;
  /** Sends a file as the body of a response or into a socket, bypassing JavaScript's memory where possible. */
  readonly sendFile: Rest<typeof sendFile>;

  /** @internal Created by createEio(). */
  constructor(instance: () => Instance, options: EioOptions = {}) {
    super(() => instance().engine);
    this.#instance = instance;
    this.#options = options;
    const engine = this.#getEngine;
    this.promises = promiseApi(engine) as unknown as EioPromises;
    this.sendFile = async (...args) => sendFile(engine, ...args);
  }

  /** A drop-in for node:fs on this instance. */
  get fs(): EioFs {
    this.#fs ??= callbackApi(
      this.#getEngine,
      this.promises as never,
    ) as unknown as EioFs;
    return this.#fs;
  }

  /** System calls that Node lacks. */
  get sys(): EioSys {
    this.#sys ??= sysApi(this.#getEngine);
    return this.#sys;
  }

  /** libeio on this instance. */
  get eio(): EioDoor {
    this.#eio ??= eioForm(this.#instance, this.#options);
    return this.#eio.door;
  }

  /** The backends that are available on this machine, and the reasons why others are not. */
  get backends(): Record<BackendName, Probe> {
    return listBackends();
  }
  /** Where an op of the table runs on this machine, and why not elsewhere. */
  readonly why: Rest<typeof explainOp> = (...args) =>
    explainOp(this.#engine, ...args);
  /** The backend that runs the requests of this instance. */
  get backend(): RunnerName {
    return this.#engine.backend.name;
  }

  /** The number of requests that are not settled yet. */
  get nreqs(): number {
    return this.#engine.nreqs;
  }
  /** The number of requests that have not started yet. */
  get nready(): number {
    return this.#engine.nready;
  }
  /** The number of requests that are completed but not delivered yet. */
  get npending(): number {
    return this.#engine.npending;
  }
  /** The number of workers. */
  get nthreads(): number {
    return this.#engine.nthreads;
  }

  /** The lanes of the instance, including those of mounts; only `default` if no lanes were configured. */
  get lanes(): LaneState[] {
    return this.#engine.lanes;
  }

  get limits(): Readonly<ThreadLimits> {
    return this.#instance().limits;
  }
  /** Changes limits of the pool at run time; `maxParallel: 0` pauses execution. */
  setLimits(change: Partial<ThreadLimits>): void {
    checkLimits(change);
    this.#instance().setLimits(change);
  }
  /** The limits of completions delivered per turn of the loop, and of milliseconds spent on them; 0 means no limit. */
  setPollLimits(change: {
    maxPollReqs?: number;
    maxPollTimeMs?: number;
  }): void {
    checkNames(change, ["maxPollReqs", "maxPollTimeMs"]);
    checkCounts(change);
    const engine = this.#engine;
    const { budget } = engine;
    budget.reqsMax = change.maxPollReqs ?? budget.reqsMax;
    budget.timeMs = change.maxPollTimeMs ?? budget.timeMs;
  }

  /** Counts of all requests, and the waiting and running times of those that were timed. */
  stats(): EioStats {
    return stats(this.#engine);
  }
  /**
   * Calls a function with the times of each settled request, until the returned function is called. Meanwhile
   * every request is timed; with `all: false`, only one in `stats().sampledEvery`.
   */
  readonly onTimed: Rest<typeof onTimed> = (...args) =>
    onTimed(this.#engine, ...args);
  /**
   * Calls a function with each operation that took `afterMs` or longer from its call to its result, until the returned function is
   * called. `keep` is called inside every call, in the caller's async context, and its return value is the listener's second
   * argument. The stacks of all calls are kept, unless `stack` is false.
   */
  onSlow<Kept = undefined>(
    listener: SlowListener<Kept>,
    options: OnSlowOptions<Kept>,
  ): () => void {
    return onSlow(this.#instance().observing.slow, listener, options);
  }
  /** Returns whether a message of the diagnostics channels, on which all instances publish, belongs to a request of this instance. */
  owns(event: RequestEvent): boolean {
    return this.#instance().observing.owns(event);
  }
  /** The open handles, and where they were opened; requires the option trackHandles. */
  openHandles(): OpenHandle[] {
    return openHandles(this.#engine);
  }

  /** Goes through the whole path of a request and back: measures how long requests wait now. */
  async nop(options?: RequestOptions): Promise<void> {
    const request = new Request(ops.nop.code, decodeNone, settlePromise);
    const terms = termsOf(this.#engine, options);
    await promised(this.#engine, applyTerms(request, terms));
  }

  /**
   * Runs a function of a module in the pool: one call, on any worker. Use `executor()` for state that several calls share (a transaction, a
   * connection), for large arguments, and for long computations. The function's type determines the types of arguments and result:
   * `eio.custom<typeof gzipSync>("node:zlib", ["text"], { name: "gzipSync" })`.
   */
  readonly custom: Custom = (
    module: string | URL,
    args?: readonly unknown[],
    options?: CustomOptions,
  ) => custom(this.#engine, module, args, options) as Promise<never>;
  /**
   * Creates an executor, which runs a module with blocking functions on separate threads: for database drivers and other code that keeps a
   * connection. It is independent of this instance's threads, and is closed separately.
   */
  executor<M = unknown>(
    module: string | URL,
    options?: ExecutorOptions,
  ): Executor<M> {
    return executor<M>(module, options);
  }
  /** Returns the stats of many files, in one submission. */
  readonly statMany: StatMany = (...args: Parameters<StatMany>) =>
    statMany(this.#engine, ...args) as Promise<never[]>;
  /** Reads many files, in one submission. */
  readonly readFiles: ReadFiles = (...args: Parameters<ReadFiles>) =>
    readFiles(this.#engine, ...args) as Promise<never[]>;
  /** Reads many ranges of a file, in one submission; adjacent ranges become one read. */
  readonly readMany: Rest<typeof readMany> = (...args) =>
    readMany(this.#engine, ...args);

  /** Copies a file as fs.copyFile does, and reports how much was copied and, on request, a digest of it (`sha256`, `crc32c`). */
  readonly copyFile: Rest<typeof copyFile> = (...args) =>
    copyFile(this.#engine, ...args);
  /** Copies a file or a tree as fs.cp does, and reports for the path of each copy how much was copied and, on request, a digest. */
  readonly cp: Rest<typeof cp> = (...args) => cp(this.#engine, ...args);

  /**
   * Replaces a file: it has either its old or its new content, whenever the process is killed and, unless
   * `durable` is false, whenever the power fails. Concurrent writes share the fsync of their folder.
   */
  writeFileAtomic(
    path: string | Uint8Array | URL,
    data: AtomicData,
    options?: BufferEncoding | AtomicOptions,
  ): Promise<void> {
    this.#atomic ??= new AtomicWriter(this.#getEngine);
    return this.#atomic.write(path, data, options);
  }

  /** Acquires the operating system's lock on a file, or on a range of it: see docs/locks.md. A missing file is created. */
  lock(
    path: string | Uint8Array | URL,
    options?: LockOptions,
  ): Promise<FileLock> {
    return this.#getLocks().lock(path, options);
  }
  /** Acquires a lock built from files in a separate folder, for file systems whose locks cannot be trusted: see docs/locks.md. */
  leaseLock(
    path: string | Uint8Array | URL,
    options?: LeaseLockOptions,
  ): Promise<LeaseLock> {
    return this.#getLocks().lease(path, options);
  }
  #getLocks(): Locks {
    this.#locks ??= new Locks(this.#getEngine, this);
    return this.#locks;
  }

  /** Opens a log of records in a separate folder, as its only writer: see docs/append-log.md. */
  appendLog(path: string, options?: AppendLogOptions): Promise<AppendLog> {
    return openLog(this, this.#getEngine, path, options);
  }
  /** Reads the records of a log, even while another process appends to it. */
  readLog(
    path: string,
    options?: ReadLogOptions & LastingOptions,
  ): AsyncGenerator<LogRecord, void, void> {
    return readLog(this, this.#getEngine, path, options);
  }

  /**
   * Returns the lines (or bytes) of a log in order, across rotations by renaming and by copying and truncating: see docs/tail.md. With
   * `follow` it waits for more.
   */
  tail<const O extends TailOptions = TailOptions>(
    path: string | URL,
    options?: O,
  ): Tail<TailItem<O>> {
    return tail(this.#engine, this.promises, path, options);
  }

  /**
   * Reports the changes in a folder and its subfolders, in batches: see docs/watch-tree.md. A rename is one event, nothing is missed after
   * the first listing, and if the system loses changes, they are found by comparing.
   *
   * ```js
   * for await (const batch of eio.watchTree("photos", { ignore: "*.tmp" }))
   *   for (const event of batch) console.log(event.type, event.path ?? event.to);
   * ```
   */
  watchTree<const O extends WatchTreeOptions = WatchTreeOptions>(
    folder: string | Uint8Array | URL,
    options?: O,
  ): TreeWatcher<WatchedPath<O>> {
    return watchTree(this.#engine, this.promises, folder, options);
  }

  /** Returns an aligned Buffer of zeros that every backend reads into and writes from without a copy. */
  readonly alloc: Rest<typeof alloc> = (...args) =>
    alloc(this.#engine, ...args);
  /** Releases a buffer of alloc() before it is garbage-collected; nothing may use it afterwards. */
  readonly release: Rest<typeof release> = (...args) =>
    release(this.#engine, ...args);
  /** Opens a file to bypass the page cache; its handle takes any offset, length and buffer. */
  readonly openDirect: Rest<typeof openDirect> = (...args) =>
    openDirect(() => this.#engine, ...args);

  /**
   * Delivers the completed requests. Returns 0 when nothing is left, -1 when maxPollReqs or maxPollTimeMs was reached,
   * otherwise the first nonzero number that a callback of `eio.eio` returned. If a callback
   * throws, so does poll(), and the rest waits for the next poll.
   */
  poll(): number {
    return this.#engine.poll();
  }

  /** A scope for calls that end together, wait for each other and share a priority. */
  group(options?: GroupOptions): Group {
    return new Group(() => this.#engine, options);
  }

  /** Opens a folder in which paths can start: they start in that folder even if its path changes. */
  wd(path: PathLike, options?: OpenWdOptions): Promise<WorkingDirectory> {
    return openWd(() => this.#engine, path, options);
  }

  /**
   * With manual polling: a descriptor that is readable while there is something to poll, for event loops other
   * than Node's (epoll, poll, select, a child that inherits it). After its first use, requests are
   * handed over as they are submitted.
   */
  get pollFd(): number {
    return this.#engine.pollFd;
  }

  /** Resolves when there are workers: they start with the help of Node's loop. */
  async ready(): Promise<void> {
    await this.#engine.backend.ready?.();
  }

  /** Waits for submitted requests, then ends the workers. */
  async close(): Promise<void> {
    const by = closedHere();
    await this.#eio?.close();
    await this.#instance().close(by);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #engine(): Instance["engine"] {
    return this.#getEngine();
  }
  /** From the first call on: each request goes by here. */
  #made: Instance["engine"] | undefined;
  readonly #getEngine = (): Instance["engine"] =>
    (this.#made ??= this.#instance().engine);
}

/** Creates an instance with its own threads, limits and lanes. */
export function createEio(options: EioOptions = {}): Eio {
  const instance = new Instance(options);
  return new Eio(() => instance, options);
}

/** The shared instance, used by `node-eio/promises` and the other entry points; created on first use. */
export const eio = new Eio(defaultInstance);
