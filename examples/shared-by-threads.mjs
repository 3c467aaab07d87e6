// One instance for several worker_threads: its owner has a port for each, takes requests of libeio's form from it, and
// posts what became of them. Bytes are not sent: a worker's buffer is shared memory, and the read fills it where it is.
// Priorities and limits then hold for all threads together, which instances of their own cannot do.
// Run: node examples/shared-by-threads.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { once } from "node:events";
import {
  MessageChannel,
  Worker,
  isMainThread,
  workerData,
} from "node:worker_threads";
import { createEio } from "node-eio";

const WORKERS = 3;
const FILES = 60;
const FILE_BYTES = 10_000;

/** The owner's side of one worker: a request comes as { id, name, args, pri }. */
function serve(eio, port) {
  const requests = new Map();
  port.on("message", ({ id, name, args, pri, cancel }) => {
    if (cancel) {
      const req = requests.get(id);
      if (req !== undefined) eio.cancel(req);
      return;
    }
    const done = ({ result, errorno, value }) => {
      requests.delete(id);
      // Buffers are the worker's own already.
      const sent = ArrayBuffer.isView(value) ? undefined : value;
      port.postMessage({ id, result, errorno, value: sent });
    };
    const req = eio.submit({ type: name, args, pri, cb: done });
    requests.set(id, req);
  });
}

/** The worker's side: the requests that it uses, as promises. */
class Remote {
  #port;
  #waiting = new Map();
  #last = 0;

  constructor(port) {
    this.#port = port;
    port.on("message", ({ id, ...end }) => {
      this.#waiting.get(id)(end);
      this.#waiting.delete(id);
    });
  }

  request(name, args, pri = 0) {
    const id = ++this.#last;
    this.#port.postMessage({ id, name, args, pri });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close() {
    this.#port.close();
  }
}

async function reader({ port, folder, number }) {
  const eio = new Remote(port);
  const buffer = new Uint8Array(new SharedArrayBuffer(FILE_BYTES));
  for (let i = number; i < FILES; i += WORKERS) {
    const file = path.join(folder, `${i}`);
    const { result: fd } = await eio.request("open", [file, 0, 0], 1);
    const { result } = await eio.request("read", [fd, buffer, null, 0]);
    await eio.request("close", [fd], 2);
    assert.equal(result, FILE_BYTES);
    assert.ok(buffer.every((byte) => byte === i));
  }
  const { result, errorno } = await eio.request("stat", ["/none"]);
  assert.deepEqual([result, errorno], [-1, os.constants.errno.ENOENT]);
  eio.close();
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-shared-"));
  for (let i = 0; i < FILES; i++)
    fs.writeFileSync(path.join(folder, `${i}`), Buffer.alloc(FILE_BYTES, i));
  // At most two requests run at once, whichever thread they come from.
  const instance = createEio({ maxParallel: 2 });
  const ends = Array.from({ length: WORKERS }, (_, number) => {
    const { port1, port2 } = new MessageChannel();
    serve(instance.eio, port1);
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { port: port2, folder, number },
      transferList: [port2],
    });
    return once(worker, "exit");
  });
  const codes = (await Promise.all(ends)).map(([code]) => code);
  assert.deepEqual(codes, Array(WORKERS).fill(0));
  assert.ok(instance.nthreads <= 2);
  await instance.close();
  fs.rmSync(folder, { recursive: true });
  console.log(`ok: ${WORKERS} threads read ${FILES} files, 2 at once`);
}

if (isMainThread) await main();
else await reader(workerData);
