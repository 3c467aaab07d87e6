// Processes that end while a system call hangs, one way of ending per name. Started by
// test/lanes/exit.test.ts with the file that hangs; each prints "ending" when it is about to end.
import { setImmediate as turn } from "node:timers/promises";
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { createEio, type Eio } from "../../src/api/create.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** As much as Node itself gets out before process.exit(), and more than one write. */
const MUCH = "x".repeat(100_000);

async function hanging(path: string, timeout?: number): Promise<Eio> {
  const eio = createEio({ backend: "pool" });
  eio.promises.readFile(path, { timeout }).catch(() => say("given up"));
  while (eio.nready !== 0 || eio.nthreads === 0) await turn();
  return eio;
}

const ways: Record<string, (path: string) => Promise<void>> = {
  async exit(path) {
    await hanging(path);
    process.on("exit", (code) => say(`leaving with ${code}`));
    say(MUCH);
    say("ending");
    process.exit(7);
  },

  async exitInListener(path) {
    await hanging(path, 10);
    process.on("exit", () => {
      say("ending");
      process.exit(8);
    });
  },

  async exitCode(path) {
    await hanging(path);
    process.on("exit", () => (process.exitCode = 9));
    say("ending");
    process.exit(1);
  },

  /** The loop has nothing more to do. */
  async natural(path) {
    await hanging(path, 10);
    process.on("exit", () => say("ending"));
  },

  async uncaught(path) {
    await hanging(path);
    process.on("exit", (code) => say(`leaving with ${code}`));
    setImmediate(() => {
      say("ending");
      throw new Error("of the program's own");
    });
  },

  async close(path) {
    const eio = await hanging(path, 10);
    say("ending");
    await eio.close();
    say("closed");
  },

  /** What is still wanted is waited for. */
  async wanted(path) {
    const eio = createEio({ backend: "pool" });
    void eio.promises.readFile(path).then(() => say("read"));
    say("ending");
  },

  /** Nothing hangs: a signal of its own would show here. */
  async idle() {
    const eio = createEio({ backend: "pool" });
    await eio.nop();
    process.on("exit", () => {
      say("ending");
      // Blocked for longer than a hung thread is waited for.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    });
    process.exitCode = 3;
  },

  /** An instance in a thread of the user's, and one of the main thread's that hangs. */
  async threads(path) {
    await hanging(path);
    const worker = new Worker(new URL(import.meta.url), {
      workerData: ["idle"],
    });
    await new Promise((resolve) => worker.once("exit", resolve));
    process.exit(4);
  },
};

const [name, path] = isMainThread
  ? process.argv.slice(2)
  : (workerData as string[]);

await ways[name!]!(path!);
