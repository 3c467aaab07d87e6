// Worker threads, each of which runs one task for as long as it lives: piscina owns the threads (how many, when they start, what
// happens when one dies). What a task does until it returns is not known here.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { MessagePort, ResourceLimits } from "node:worker_threads";
import type { Piscina, TaskQueue } from "piscina";
import { errnoOf, systemError } from "../request/errors.ts";
import { shortOfDescriptors, wantsDescriptor } from "../util/shortage.ts";
import { delay, setImmediate } from "../util/node-timers.ts";
import { dist } from "../util/package.ts";
import { KeepAlive } from "./keep-alive.ts";
import { workerOptions } from "./preloads.ts";
import { Tasks } from "./tasks.ts";
import { checkRoomFor } from "./worker-starts.ts";

const LOAD_RETRY_MS = 10;
const LOAD_TRIES = 500;

/** From where the package lies: beside a bundle of an application there need be no piscina. */
const requireHere = createRequire(`${dist}/`);
let found: string | null | undefined;

/** undefined: it is not known, for where no descriptor is left Node finds nothing, and remembers that. */
function findPiscina(): string | null | undefined {
  if (found !== undefined || shortOfDescriptors()) return found;
  try {
    return (found = requireHere.resolve("piscina"));
  } catch {
    return (found = null);
  }
}

/** Why there can be no threads of this kind; null where there can. */
export const whyNoResidents = (): string | null =>
  findPiscina() === null ? "the package piscina is not found" : null;

/**
 * A word of shared memory that holds `number` until the task begins. Whoever swaps it for 0 first decides: the thread,
 * which then runs the task, or the other side, which has given it up.
 */
export interface Claim {
  words: Int32Array;
  at: number;
  number: number;
}

export interface ResidentTask {
  /** What the thread is given, as a structured clone. */
  task: object;
  transfer: readonly MessagePort[];
  claim: Claim;
}

/** Options of the threads themselves, which piscina passes on; see its documentation. */
export interface ThreadOptions {
  resourceLimits?: ResourceLimits | undefined;
  argv?: string[] | undefined;
  execArgv?: string[] | undefined;
  env?: NodeJS.ProcessEnv | undefined;
  workerData?: unknown;
  niceIncrement?: number | undefined;
  trackUnmanagedFds?: boolean | undefined;
}

/** Options of something that runs on such threads. */
export interface HasThreadOptions {
  /** Options of the threads themselves: those of piscina that are not the executor's own. */
  piscina?: ThreadOptions | undefined;
}

export const THREADS_OPTION: keyof HasThreadOptions = "piscina";
export const threadOptionNames = Object.keys({
  resourceLimits: true,
  argv: true,
  execArgv: true,
  env: true,
  workerData: true,
  niceIncrement: true,
  trackUnmanagedFds: true,
} satisfies Record<keyof ThreadOptions, true>);

/** Those that somebody's options have. */
export const threadOptionsOf = ({
  piscina,
}: HasThreadOptions): ThreadOptions | undefined => piscina;

export interface ResidentOptions {
  /** The module whose default export is the task. */
  file: string;
  threadsMax: number;
  /** While no descriptor is left a task waits for a while, because nobody else could run it. */
  patient?: boolean;
  options?: ThreadOptions | undefined;
}

export class ResidentThreads {
  readonly #options: ResidentOptions;
  readonly #runs = new Set<Run>();
  readonly #kept = new KeepAlive();
  readonly #tasks = new Tasks<Task>();
  #threadError: Error = new Error("its thread did not start");
  #piscina: Piscina | undefined;

  constructor(options: ResidentOptions) {
    this.#options = options;
  }

  /** Runs a task on a thread of its own. Resolves when the task has returned; rejects when its thread is lost, or cannot start. */
  async run({ task, transfer, claim }: ResidentTask): Promise<void> {
    const threads = await this.#load();
    this.#checkRoom();
    const run: Run = { claim, queued: null, reject: () => {} };
    try {
      await new Promise<void>((resolve, reject) => {
        run.queued = this.#runTask(threads, task, transfer, resolve, reject);
        run.reject = reject;
        this.#runs.add(run);
        this.#kept.letExit();
      });
    } finally {
      this.#runs.delete(run);
    }
  }

  /** Ends the threads, whatever their tasks do. */
  async destroy(): Promise<void> {
    await this.#piscina?.destroy();
  }

  /**
   * What is left in piscina's queue; null where a thread has it. Where the system has no thread for it piscina
   * throws, and keeps it, to throw once more when another thread is ready.
   */
  #runTask(
    threads: Piscina,
    task: object,
    transfer: readonly MessagePort[],
    resolve: () => void,
    reject: (error: Error) => void,
  ): Task | null {
    this.#tasks.last = null;
    try {
      threads.run(task, { transferList: [...transfer] }).then(resolve, reject);
    } catch (error) {
      this.#tasks.remove(this.#tasks.last);
      throw error;
    }
    return this.#tasks.last;
  }

  /** For one more, beside those that are starting. */
  #checkRoom(): void {
    const starting = [...this.#runs].filter(
      ({ claim: { words, at, number } }) => Atomics.load(words, at) === number,
    );
    checkRoomFor(starting.length + 1);
  }

  /**
   * A thread that cannot even start takes no task with it: piscina leaves the task in its queue for
   * good. Those for which no thread is left are failed here, the youngest first.
   */
  #failThreadless(): void {
    let excess = this.#runs.size - this.#threads().threads.length;
    for (const { claim, queued, reject } of [...this.#runs].reverse()) {
      if (excess <= 0) return;
      const { words, at, number } = claim;
      if (Atomics.compareExchange(words, at, number, 0) !== number) continue;
      this.#tasks.remove(queued);
      reject(this.#threadError);
      excess--;
    }
  }

  /** Its files cannot be read while no descriptor is left. */
  async #load(): Promise<Piscina> {
    const triesMax = this.#options.patient === true ? LOAD_TRIES : 0;
    for (let tries = 0; ; tries++)
      try {
        return this.#threads();
      } catch (error) {
        if (tries === triesMax || !wantsDescriptor(error)) throw error;
        await delay(LOAD_RETRY_MS);
      }
  }

  #threads(): Piscina {
    if (this.#piscina !== undefined) return this.#piscina;
    const file = findPiscina();
    if (file == null) throw systemError(errnoOf("EMFILE"), "open", dist, null);
    const { Piscina } = requireHere(file) as typeof import("piscina");
    const { file: worker, threadsMax, options = {} } = this.#options;
    const chosen = Object.entries(options).filter(
      ([, value]) => value !== undefined,
    );
    const piscina = new Piscina({
      ...workerOptions(),
      ...Object.fromEntries(chosen),
      filename: pathToFileURL(worker).href,
      minThreads: 0,
      maxThreads: threadsMax,
      maxQueue: Infinity,
      taskQueue: this.#tasks,
      // A task that leaves was idle for long already.
      idleTimeout: 50,
    });
    piscina.on("workerCreate", (worker: object) => this.#kept.add(worker));
    piscina.on("workerDestroy", (worker: object) => {
      this.#kept.delete(worker);
      // When the task that died with it, if one did, is known to be over: else one that starts would seem to have no thread.
      setImmediate(() => this.#failThreadless());
    });
    piscina.on("error", (error: Error) => (this.#threadError = error));
    this.#piscina = piscina;
    return piscina;
  }
}

type Task = Parameters<TaskQueue["push"]>[0];

interface Run {
  claim: Claim;
  queued: Task | null;
  reject(error: Error): void;
}
