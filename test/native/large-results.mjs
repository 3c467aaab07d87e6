// Reads a large file again and again, keeping nothing, and prints how many scavenges there were. argv: the module of
// createEio, the file, how often.
import { PerformanceObserver, constants } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

const [module, file, count] = process.argv.slice(2);

const { createEio } = await import(module);
let scavenges = 0;
const observer = new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries())
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges++;
});
observer.observe({ entryTypes: ["gc"] });
const eio = createEio({ backend: "threads" });
for (let i = 0; i < Number(count); i++) await eio.promises.readFile(file);
await delay(0); // The observer's turn.
await eio.close();
process.stdout.write(`${scavenges}`);
