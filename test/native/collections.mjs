// Reads a file again and again, and prints how many small and full collections there were. argv: the module of createEio, the file,
// how often, how many at once, and "kept" or "dropped": whether the results are.
import { PerformanceObserver, constants } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

const [module, file, count, depth, what] = process.argv.slice(2);

const { createEio } = await import(module);
const collections = { small: 0, full: 0 };
const observer = new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries())
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR)
      collections.small++;
    else if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)
      collections.full++;
});
observer.observe({ entryTypes: ["gc"] });
const eio = createEio({ backend: "threads" });
const kept = [];
let left = Number(count);
async function read() {
  while (left-- > 0) {
    const content = await eio.promises.readFile(file);
    if (what === "kept") kept.push(content);
  }
}
await Promise.all(Array.from({ length: Number(depth) }, read));
await delay(0); // The observer's turn.
await eio.close();
process.stdout.write(JSON.stringify(collections));
