// Ends threads that have files open, one after the other, and prints how many descriptors the process then has more
// than before, for each case. argv: the folder of the doors, a backend, a fifo, and cases: what is open, and how the thread ends.
import fs from "node:fs";
import path from "node:path";
import { once } from "node:events";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";
import { openFds } from "../helpers/open-fds.mjs";

const [doors, backend, fifo, ...cases] = process.argv.slice(2);
const COUNT = 20;
/** Of ours, in each of the threads that end. */
const THREADS = 2;
/** Which requests are on their way differs each time. */
const threadsOf = (what) => (what === "inFlight" ? 3 : 1);
const here = import.meta.dirname;

async function watched(eio, method) {
  const watchers = Array.from({ length: COUNT }, () =>
    eio.watchTree(here, { method }),
  );
  await Promise.all(watchers.map(({ ready }) => ready));
  return watchers;
}

const opened = {
  async handles(eio) {
    const handles = [];
    for (let i = 0; i < COUNT; i++)
      handles.push(await eio.promises.open(import.meta.filename));
    // One that the thread has closed is not closed again.
    await handles.pop().close();
    return handles;
  },
  async folders(eio) {
    return Promise.all(Array.from({ length: COUNT }, () => eio.wd(here)));
  },
  async trees(eio) {
    return watched(eio, "auto");
  },
  /** Where it is not permitted nothing is open. */
  async marks(eio) {
    return watched(eio, "fanotify").catch(() => null);
  },
  async numbers(eio) {
    const open = () =>
      new Promise((resolve, reject) =>
        eio.fs.open(import.meta.filename, (error, fd) =>
          error ? reject(error) : resolve(fd),
        ),
      );
    const close = (fd) =>
      new Promise((resolve, reject) =>
        eio.fs.close(fd, (error) => (error ? reject(error) : resolve())),
      );
    const fds = await Promise.all(Array.from({ length: COUNT }, open));
    // Either close is as good as the other, whoever opened it.
    fs.closeSync(fds.pop());
    await close(fds.pop());
    await close(fs.openSync(import.meta.filename));
  },
  async streams(eio) {
    for (let i = 0; i < COUNT; i++)
      await once(eio.fs.createReadStream(import.meta.filename), "open");
  },
  /** A thread of ours waits for the other end of a fifo, and is not waited for. */
  async hanging(eio) {
    void eio.promises.open(fifo);
  },
  /** What the main thread has been given is its own. */
  async transferred(eio) {
    const handle = await eio.promises.open(import.meta.filename);
    parentPort.postMessage(handle, [handle]);
  },
  async inFlight(eio) {
    for (let i = 0; i < 20 * COUNT; i++)
      void eio.promises.open(import.meta.filename);
  },
};

// Node is not to close them.
opened.untracked = opened.numbers;

/** Its reader has come, and goes. */
function untilClosed(writer) {
  for (;;)
    try {
      fs.writeSync(writer, "x");
    } catch (error) {
      if (error.code === "EPIPE") break;
      throw error;
    }
  fs.closeSync(writer);
}

async function thread(what, end) {
  const { createEio } = await import(path.join(doors, "index.js"));
  const eio = createEio({ backend, maxParallel: THREADS });
  globalThis.kept = await opened[what](eio);
  parentPort.postMessage("open");
  // No result reaches this thread any more.
  if (what === "inFlight")
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (end === "exit") process.exit();
  if (end === "error") throw new Error("the end of this thread");
  parentPort.on("message", () => {});
}

async function runOne(what, end) {
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: [what, end],
    trackUnmanagedFds: what !== "untracked",
  });
  worker.on("error", () => {});
  const exit = new Promise((resolve) => worker.once("exit", resolve));
  const message = await Promise.race([
    new Promise((resolve) => worker.once("message", resolve)),
    exit,
  ]);
  if (end === "terminate") await worker.terminate();
  await exit;
  if (what === "hanging") untilClosed(fs.openSync(fifo, "w"));
  if (what !== "transferred") return;
  await message.stat();
  await message.close();
}

if (!isMainThread) await thread(...workerData);
else {
  const more = {};
  // What stays open for the next thread is made by the first.
  await runOne("handles", "terminate");
  for (const one of cases) {
    const [what, end] = one.split(" ");
    const before = openFds();
    for (let i = 0; i < threadsOf(what); i++) await runOne(what, end);
    more[one] = openFds() - before;
  }
  process.stdout.write(JSON.stringify(more));
}
