// One thread of an executor: loads the module, calls its `open`, carries out the calls that it is given, one at a time, and
// calls `close` before it leaves. Who calls, and which thread a call goes to, is not known here.
import process from "node:process";
import type { Transferable } from "node:worker_threads";
import {
  Word,
  type Hook,
  type Order,
  type Reply,
  type ThreadTask,
} from "../src/request/executor-messages.ts";
import { CallSignal } from "./call-signal.ts";
import { ModuleFunctions, type Exports } from "./module-functions.ts";
import { move, Moved } from "./moved.ts";
import { sent } from "./sent-error.ts";
import { iteratorOf, Stream } from "./stream.ts";

const { exit } = process;
/** What this file is called in stacks. */
const OWN_FRAME = "executor-worker.cjs";
const CANNOT_BE_CLONED = "DataCloneError";

export default async function serve(task: ThreadTask): Promise<void> {
  const { words, number, port } = task;
  const begins = Atomics.compareExchange(words, Word.claim, number, 0);
  if (begins !== number) return port.close();
  const thread = new ExecutorThread(task);
  try {
    await thread.open();
    await thread.serve();
  } catch (error) {
    port.postMessage({ kind: "failed", thrown: sent(error, OWN_FRAME) });
  }
  // The next one starts with a module that nobody has loaded, and natives that nobody has used.
  exit(0);
}

class ExecutorThread {
  readonly #task: ThreadTask;
  readonly #signal: CallSignal;
  #functions = new ModuleFunctions({});
  #stream: Stream | undefined;
  #open = false;

  constructor(task: ThreadTask) {
    this.#task = task;
    this.#signal = new CallSignal(task.words, Word.aborted);
    process.on("exit", () => this.#die());
  }

  async open(): Promise<void> {
    const { module, data } = this.#task;
    this.#functions = new ModuleFunctions((await import(module)) as Exports);
    await this.#call("open", { data, signal: this.#signal, move });
    this.#open = true;
    this.#post({ kind: "opened" });
  }

  /** Resolves when the module is closed. One order at a time: those in the middle of a stream are for that stream. */
  serve(): Promise<void> {
    const { port } = this.#task;
    let before: Promise<void> | undefined;
    return new Promise((resolve) => {
      const carryOut = async (order: Order): Promise<void> => {
        await before;
        if (order.kind === "call") await this.#run(order);
        else if (order.kind === "stream") await this.#runStream(order);
        else if (order.kind === "reset") await this.#reset();
        else if (order.kind === "leave") await this.#leave().then(resolve);
      };
      port.on("message", (order: Order) => {
        if (order.kind === "more") this.#stream?.more();
        else if (order.kind === "end") this.#stream?.end();
        else before = carryOut(order);
      });
    });
  }

  #post(reply: Reply, transfer: readonly Transferable[] = []): void {
    this.#task.port.postMessage(reply, transfer);
  }

  async #call(hook: Hook, ...args: unknown[]): Promise<void> {
    const call = this.#functions.hook(hook);
    await call?.(...args);
  }

  async #run({ name, args }: Order & { kind: "call" }): Promise<void> {
    try {
      const found = this.#functions.find(name);
      if (typeof found === "string")
        return this.#post({ kind: "uncallable", why: found });
      const value: unknown = await this.#apply(found, args);
      this.#postValue(value);
    } catch (error) {
      this.#postThrown(error);
    }
  }

  #apply(
    { fn, holder }: Exclude<ReturnType<ModuleFunctions["find"]>, string>,
    args: readonly unknown[],
  ): unknown {
    if (fn.takesSignal !== true) return fn.apply(holder, args as unknown[]);
    return fn.apply(holder, [...args, { signal: this.#signal }]);
  }

  #postValue(result: unknown): void {
    // Nobody waits for it.
    if (this.#signal.aborted)
      return this.#post({ kind: "value", value: undefined });
    const isMoved = result instanceof Moved;
    const value = isMoved ? result.value : result;
    try {
      this.#post({ kind: "value", value }, isMoved ? result.transfer : []);
    } catch (error) {
      this.#postUncloneable(error as Error);
    }
  }

  #postThrown(error: unknown): void {
    this.#post({ kind: "thrown", thrown: sent(error, OWN_FRAME) });
  }

  #postUncloneable({ message }: Error): void {
    this.#post({ kind: "uncloneable", why: message });
  }

  async #runStream(order: Order & { kind: "stream" }): Promise<void> {
    const { name, args } = order;
    try {
      const found = this.#functions.find(name);
      if (typeof found === "string")
        return this.#post({ kind: "uncallable", why: found });
      const made: unknown = await this.#apply(found, args);
      const iterator = iteratorOf(made);
      if (iterator === undefined)
        return this.#post({
          kind: "uncallable",
          why: "returned nothing to iterate over",
        });
      const post = this.#postItems;
      this.#stream = new Stream(iterator, this.#signal, post, order);
      await this.#stream.run();
      this.#post({ kind: "ended" });
    } catch (error) {
      if (error instanceof Uncloneable) this.#postUncloneable(error);
      else this.#postThrown(error);
    } finally {
      this.#stream = undefined;
    }
  }

  readonly #postItems = (
    reply: Reply,
    transfer: readonly Transferable[],
  ): void => {
    try {
      this.#post(reply, transfer);
    } catch (error) {
      const { name, message } = error as Error;
      throw name === CANNOT_BE_CLONED ? new Uncloneable(message) : error;
    }
  };

  async #reset(): Promise<void> {
    try {
      await this.#call("reset");
      this.#post({ kind: "reset" });
    } catch (error) {
      this.#post({ kind: "reset", thrown: sent(error, OWN_FRAME) });
    }
  }

  /**
   * By process.exit(), or by an error that nobody catches: what a library in C has open would stay so for as long as the process
   * lives (libpq's connections, with their transactions and locks). There is no time for what is not synchronous.
   */
  #die(): void {
    if (!this.#open) return;
    this.#open = false;
    void this.#call("close").catch(() => {});
  }

  async #leave(): Promise<void> {
    const { words } = this.#task;
    this.#open = false;
    try {
      await this.#call("close");
      this.#post({ kind: "closed" });
    } catch (error) {
      this.#post({ kind: "closed", thrown: sent(error, OWN_FRAME) });
    }
    Atomics.store(words, Word.left, 1);
    Atomics.notify(words, Word.left);
  }
}

/** An item that cannot be sent; what a function throws is never one. */
class Uncloneable extends Error {}
