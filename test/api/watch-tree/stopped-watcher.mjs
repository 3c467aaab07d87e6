// Watches the folder that is named by fanotify, and prints each batch as a line of JSON, after "ready", until its input ends.
import path from "node:path";

const dist = path.resolve(import.meta.dirname, "../../../dist/index.js");
const { createEio } = await import(dist);
const eio = createEio();
const watcher = eio.watchTree(process.argv[2], {
  method: "fanotify",
  initial: true,
});
process.stdin.on("end", () => void watcher.close()).resume();
await watcher.ready;
console.log("ready");
for await (const batch of watcher) console.log(JSON.stringify(batch));
await eio.close();
