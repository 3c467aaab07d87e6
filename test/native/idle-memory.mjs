// Reads much and keeps it, drops it, and ends when the system has the memory back. argv: the module of createEio, a file of 1
// MiB, how many idle threads are kept. Needs --expose-gc.
import { setTimeout as delay } from "node:timers/promises";

const [module, file, maxIdle] = process.argv.slice(2);
const MIB = 1 << 20;
const COUNT = 100;

const { createEio } = await import(module);
const eio = createEio({
  backend: "threads",
  idleTimeoutMs: 1,
  maxIdle: Number(maxIdle),
});
await eio.promises.readFile(file);
const before = process.memoryUsage.rss();
let kept = [];
for (let i = 0; i < COUNT; i++) kept.push(await eio.promises.readFile(file));
if (process.memoryUsage.rss() - before < (COUNT * MIB) / 2)
  throw new Error("what was read is not in memory");
kept = null;
while (process.memoryUsage.rss() - before > (COUNT * MIB) / 2) {
  globalThis.gc();
  await delay(1);
}
await eio.close();
