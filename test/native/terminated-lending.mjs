// Terminates a thread whose transfers hang, each with memory of that thread. Then lets the calls
// return, and prints how many bytes of each went through. argv: the folder of the doors, and a fifo for each transfer.
import fs from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  Worker,
  isMainThread,
  parentPort,
  workerData,
} from "node:worker_threads";

const [doors, ...fifos] = process.argv.slice(2);
const BYTES = 1 << 20;
/** Less than a fifo holds. */
const FED_BYTES = 4096;

const nameOfThread = (id) => {
  try {
    return fs.readFileSync(`/proc/self/task/${id}/comm`, "latin1");
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    return ""; // It has ended meanwhile.
  }
};
const threadsOfOurs = () =>
  fs
    .readdirSync("/proc/self/task")
    .filter((id) => nameOfThread(id).startsWith("eio-")).length;

async function hang([read, readv, write, writev]) {
  const { createEio } = await import(path.join(doors, "index.js"));
  const eio = createEio({ backend: "threads", maxParallel: 5 });
  const memory = () => Buffer.alloc(BYTES, 7);
  const never = () => {};
  eio.fs.read(read, memory(), never);
  eio.fs.readv(readv, [memory(), memory()], never);
  eio.fs.write(write, memory(), never);
  eio.fs.writev(writev, [memory(), memory()], never);
  // Each has its thread when one that came after them is done.
  await eio.promises.stat(doors);
  parentPort.on("message", () => {});
  parentPort.postMessage("hangs");
}

/** What is in the fifo until no thread is there any more that would put something into it. */
async function drain(fd) {
  const part = Buffer.alloc(1 << 20);
  for (let bytes = 0, ended = false; ;) {
    try {
      bytes += fs.readSync(fd, part);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      if (ended) return bytes;
      ended = threadsOfOurs() === 0;
      await setImmediate();
    }
  }
}

if (!isMainThread) await hang(workerData);
else {
  const { O_RDWR, O_NONBLOCK } = fs.constants;
  const hanging = fifos.map((fifo) => fs.openSync(fifo, O_RDWR));
  const ours = fifos.map((fifo) => fs.openSync(fifo, O_RDWR | O_NONBLOCK));
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: hanging,
  });
  await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  for (const fd of ours.slice(0, 2)) fs.writeSync(fd, Buffer.alloc(FED_BYTES));
  // They end when all of ours have, and then what nobody has read is left.
  const [write, writev] = await Promise.all(ours.slice(2).map(drain));
  const [read, readv] = await Promise.all(ours.slice(0, 2).map(drain));
  process.stdout.write(JSON.stringify({ read, readv, write, writev }));
}
