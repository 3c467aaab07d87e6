// A worker that reads without end and hands what it reads to the main thread, and is terminated meanwhile, time and again:
// nothing else in this process loads the addon. argv: the module of createEio, a file of 7s.
import { once } from "node:events";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";

const WORKERS = 8;
const MESSAGES = 20;

async function lend({ module, file }) {
  const { createEio } = await import(module);
  const eio = createEio({ backend: "threads" });
  for (;;) {
    const read = Array.from({ length: 8 }, () => eio.promises.readFile(file));
    const [{ buffer }] = await Promise.all(read);
    parentPort.postMessage(buffer, [buffer]);
  }
}

async function terminate([module, file]) {
  let right = 0;
  for (let i = 0; i < WORKERS; i++) {
    const given = { workerData: { module, file } };
    const worker = new Worker(new URL(import.meta.url), given);
    const held = [];
    while (held.length < MESSAGES)
      held.push(...(await once(worker, "message")));
    await worker.terminate();
    right += held.filter((one) => new Uint8Array(one).at(-1) === 7).length;
  }
  process.stdout.write(`${right} of ${WORKERS * MESSAGES}`);
}

if (isMainThread) await terminate(process.argv.slice(2));
else await lend(workerData);
