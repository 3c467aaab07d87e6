// Terminates a thread whose requests hang in fifos, then lets the calls return, and prints what came of them. argv: the folder
// of the doors, and fifos by what hangs in them: open, text, bytes, write.
import fs from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { Worker, isMainThread, parentPort } from "node:worker_threads";

const [doors, open, text, bytes, write] = process.argv.slice(2);
/** More than a slot has room for. */
const content = "a text".repeat(8000);

/** Of a thread that has ended meanwhile: none. */
function nameOfThread(id) {
  try {
    return fs.readFileSync(`/proc/self/task/${id}/comm`, "latin1");
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    return "";
  }
}

const threadsOfOurs = () =>
  fs
    .readdirSync("/proc/self/task")
    .map(nameOfThread)
    .filter((name) => name.startsWith("eio-")).length;

async function hang() {
  const { createEio } = await import(path.join(doors, "index.js"));
  const eio = createEio({ backend: "threads", maxParallel: 5 });
  void eio.promises.open(open);
  void eio.promises.readFile(text, "utf8");
  void eio.promises.readFile(bytes);
  void eio.promises.writeFile(write, Buffer.alloc(200_000));
  // Each has its thread when one that came after them is done.
  await eio.promises.stat(doors);
  parentPort.on("message", () => {});
  parentPort.postMessage("hangs");
}

/** Its reader has come, and may have gone again. */
function feed(fifo) {
  const fd = fs.openSync(fifo, "w");
  try {
    fs.writeSync(fd, content);
  } catch (error) {
    if (error.code !== "EPIPE") throw error;
  }
  fs.closeSync(fd);
}

if (!isMainThread) await hang();
else {
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
  });
  await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  const hanging = threadsOfOurs();
  for (const fifo of [open, text, bytes]) feed(fifo);
  const written = fs.readFileSync(write).length;
  while (threadsOfOurs() > 0) await setImmediate();
  process.stdout.write(JSON.stringify({ hanging, written }));
}
