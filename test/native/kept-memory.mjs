// Reads much and keeps all of it, and prints how many scavenges there were. argv: the module of createEio, a file of 1 MiB.
import { PerformanceObserver, constants } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

const [module, file] = process.argv.slice(2);
const COUNT = 100;

const { createEio } = await import(module);
let scavenges = 0;
const observer = new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries())
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges++;
});
observer.observe({ entryTypes: ["gc"] });
const eio = createEio({ backend: "threads" });
const kept = [];
for (let i = 0; i < COUNT; i++) kept.push(await eio.promises.readFile(file));
await delay(0); // The observer's turn.
await eio.close();
process.stdout.write(`${scavenges}`);
