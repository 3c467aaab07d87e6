// A loop in another thread with an instance of its own: a worker_thread drives libeio's poll from its loop, within a
// budget, and the main thread's loop does no I/O at all. Both have threads in C of their own; nothing is shared.
// Run: node examples/loop-in-a-thread.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { once } from "node:events";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";
import { createEio } from "node-eio";

const POLL_SECONDS = 0.002;
const AT_ONCE = 16;

if (isMainThread) await main();
else scanner(workerData);

async function main() {
  const folder = import.meta.dirname;
  const worker = new Worker(new URL(import.meta.url), { workerData: folder });
  // This thread has an instance as well, beside the worker's.
  const eio = createEio();
  const own = await eio.promises.readdir(folder);
  const [found] = await once(worker, "message");
  await Promise.all([once(worker, "exit"), eio.close()]);
  const names = own.filter((name) => name.endsWith(".mjs"));
  const bytes = names
    .map((name) => fs.statSync(path.join(folder, name)).size)
    .reduce((sum, size) => sum + size);
  assert.deepEqual(found, { files: names.length, bytes });
  console.log(`ok: another thread's loop read ${found.files} files`);
}

/** What a C program has in a thread of its own: init, submit, poll when there is something to poll. */
function scanner(folder) {
  const instance = createEio();
  const { eio } = instance;
  const poll = () => {
    // -1: the budget is used up, and the other handlers of this loop have their turn.
    if (eio.poll() === -1) setImmediate(poll);
  };
  eio.init(() => setImmediate(poll));
  eio.set_max_poll_time(POLL_SECONDS);
  eio.set_min_parallel(4);

  let bytes = 0;
  eio.readdir(folder, 0, ({ names }) => {
    const modules = names.filter((name) => name.endsWith(".mjs"));
    let next = 0;
    const grp = eio.grp(() => {
      parentPort.postMessage({ files: modules.length, bytes });
      void instance.close();
    });
    const feed = () => {
      if (next === modules.length) return;
      const file = path.join(folder, modules[next++]);
      eio.grp_add(
        grp,
        eio.load(file, 0, ({ result }) => void (bytes += result)),
      );
    };
    eio.grp_feed(grp, feed, AT_ONCE);
  });
}
