// Terminates threads in the middle of reads of 1 MiB, one after the other, and prints how much memory was kept of
// each. argv: the module of createEio, a file of 1 MiB, how many threads. Needs --expose-gc.
import { Worker, isMainThread, parentPort } from "node:worker_threads";

const [module, file, threads] = process.argv.slice(2);
const THREADS = Number(threads);
/** What is free is kept for the next thread, up to 128 MiB: each has had as much, so that none adds to it. */
const PEAK_READS = 150;

async function read() {
  const { createEio } = await import(module);
  const eio = createEio({ backend: "threads" });
  await Promise.all(
    Array.from({ length: PEAK_READS }, () => eio.promises.readFile(file)),
  );
  let reads = 0;
  for (let i = 0; i < 16; i++)
    void (async () => {
      for (;;) {
        await eio.promises.readFile(file);
        if (++reads === 50) parentPort.postMessage("reads");
      }
    })();
}

async function terminateOne() {
  const worker = new Worker(new URL(import.meta.url), { argv: [module, file] });
  await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
}

if (!isMainThread) await read();
else {
  for (let i = 0; i < 3; i++) await terminateOne();
  globalThis.gc();
  const before = process.memoryUsage.rss();
  for (let i = 0; i < THREADS; i++) await terminateOne();
  globalThis.gc();
  const grown = process.memoryUsage.rss() - before;
  process.stdout.write(String(Math.round(grown / THREADS)));
}
