// Test files share a few processes, one after the other in each, but for those that need one of their own. Vitest has that choice
// for all files together only, so its pool of processes is given a second one here; it knows no test.
import fs from "node:fs";
import { Tinypool } from "tinypool";
import { needsItsOwnProcess } from "./own-process.ts";
import type { TemporaryFiles } from "./temporary-files.ts";

/** A process that waits for its turn stays; all end with their pool. */
const IDLE_MS = 1 << 30;

/** What vitest has a process carry out. */
interface Order {
  pool: string;
  files: { filepath: string }[];
  config: { env: object; poolOptions: { forks: object } };
}
type Run = (order: Order, options: object) => Promise<unknown>;

/** For poolOptions: as many processes at a time as before, of both kinds together. */
export function shareProcesses(
  processesMax: number,
  temporaryFiles: TemporaryFiles,
): {
  isolate: false;
  minForks: number;
  maxForks: number;
} {
  const prototype = Tinypool.prototype as unknown as {
    run: Run;
    destroy: () => Promise<void>;
  };
  const { run, destroy } = prototype;
  const seconds = new Map<unknown, Tinypool>();
  const turns = new Turns(processesMax);

  prototype.run = async function (this: Tinypool, order, options) {
    if (order.pool !== "forks") return run.call(this, order, options);
    await turns.take();
    try {
      const text = order.files
        .map(({ filepath }) => fs.readFileSync(filepath, "utf8"))
        .join("\n");
      const second = secondOf(this);
      const pool = needsItsOwnProcess(text) ? second : this;
      const own = withOwnModules(order, temporaryFiles(text));
      return await run.call(pool, own, options);
    } finally {
      turns.give();
    }
  } as Run;
  prototype.destroy = async function (this: Tinypool) {
    const second = seconds.get(this);
    seconds.delete(this);
    await Promise.all([destroy.call(this), second && destroy.call(second)]);
  };

  function secondOf(first: Tinypool): Tinypool {
    let second = seconds.get(first);
    if (second === undefined) {
      first.options.idleTimeout = IDLE_MS;
      second = new Tinypool({
        ...first.options,
        minThreads: 0,
        isolateWorkers: true,
      });
      seconds.set(first, second);
    }
    return second;
  }
  return { isolate: false, minForks: 1, maxForks: processesMax };
}

/** A process is shared, and what is loaded in it is not: that is what a process does where its own configuration says so. */
const withOwnModules = (order: Order, env: object): Order => ({
  ...order,
  config: {
    ...order.config,
    env: { ...order.config.env, ...env },
    poolOptions: {
      ...order.config.poolOptions,
      forks: { ...order.config.poolOptions.forks, isolate: true },
    },
  },
});

/** So many at a time; the others in their order. */
class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#free = max;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
