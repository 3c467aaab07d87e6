// What tests of executors share: an executor of functions.mjs that is closed in the end, and gates that a function of it is held at.
// It does not know what is tested.
import fs from "node:fs";
import path from "node:path";
import { afterEach } from "vitest";
import {
  eio,
  type Executor,
  type ExecutorOptions,
} from "../../../src/index.ts";

export { until } from "../../helpers/until.ts";

export const functions = new URL("./functions.mjs", import.meta.url);

const made: Executor[] = [];
afterEach(async () => {
  const closed = made.splice(0).map((one) => one.close({ timeout: 5000 }));
  // The test of one whose module cannot be closed has seen its error.
  await Promise.allSettled(closed);
});

export function executorOf(
  module: string | URL,
  options: ExecutorOptions = {},
): Executor {
  const executor = eio.executor(module, { threads: 1, ...options });
  made.push(executor);
  return executor;
}

export const makeExecutor = (options?: ExecutorOptions): Executor =>
  executorOf(functions, options);

/** For the function `block`, and others that take words. */
export class Gate {
  readonly words = new Int32Array(new SharedArrayBuffer(16));

  /** The id of the thread that has come to it. */
  async begun(): Promise<number> {
    return this.#changed(1);
  }
  /** 1: it was released; 2: it was cancelled. */
  async ended(): Promise<number> {
    return this.#changed(2);
  }
  release(): void {
    Atomics.store(this.words, 0, 1);
    Atomics.notify(this.words, 0);
  }

  async #changed(at: number): Promise<number> {
    await Atomics.waitAsync(this.words, at, 0).value;
    return Atomics.load(this.words, at);
  }
}

export const linesOf = (file: string): string[] =>
  fs.existsSync(file)
    ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean)
    : [];

/** How often each hook was called, by the log. */
export function hooksIn(file: string): Record<string, number> {
  const counts: Record<string, number> = { open: 0, close: 0, reset: 0 };
  for (const line of linesOf(file)) counts[line.split(" ")[0]!]!++;
  return counts;
}

export const here = path.join(import.meta.dirname);
