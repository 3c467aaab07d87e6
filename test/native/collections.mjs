// Reads a file again and again, and prints how many scavenges there were. argv: the module of createEio, the file, how
// often, and "kept" or "dropped": whether the results are.
import { PerformanceObserver, constants } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

const [module, file, count, what] = process.argv.slice(2);

const { createEio } = await import(module);
let scavenges = 0;
const observer = new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries())
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges++;
});
observer.observe({ entryTypes: ["gc"] });
const eio = createEio({ backend: "threads" });
const kept = [];
for (let i = 0; i < Number(count); i++) {
  const content = await eio.promises.readFile(file);
  if (what === "kept") kept.push(content);
}
await delay(0); // The observer's turn.
await eio.close();
process.stdout.write(`${scavenges}`);
