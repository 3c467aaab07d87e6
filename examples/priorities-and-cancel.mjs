// An instance of one's own, with one worker so that what waits can be seen waiting: a request of
// high priority overtakes, a signal and a deadline end requests that wait, and close() waits for the rest.
// Run: node examples/priorities-and-cancel.mjs
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createEio } from "node-eio";

const eio = createEio({ minParallel: 1, maxParallel: 1 });
const file = fileURLToPath(import.meta.url);
const order = [];
const read = (name, options) =>
  eio.promises.readFile(file, options).then(() => order.push(name));

// Paused: requests are taken and wait.
eio.setLimits({ minParallel: 0, maxParallel: 0 });
const backup = read("backup", { priority: -4 });
const ordinary = read("ordinary");
const urgent = read("urgent", { priority: 4 });

const impatient = new AbortController();
const cancelled = read("cancelled", { signal: impatient.signal });
const late = read("late", { timeout: 20 });
assert.equal(eio.nreqs, 5);

// Both are delivered at once, though nothing runs.
impatient.abort(new Error("the user went away"));
await assert.rejects(cancelled, {
  name: "AbortError",
  code: "ABORT_ERR",
  cause: new Error("the user went away"),
});
await assert.rejects(late, { code: "ETIMEDOUT", syscall: "open" });
assert.equal(eio.nreqs, 3);

// On again: the highest priority is first.
eio.setLimits({ maxParallel: 1 });
await Promise.all([backup, ordinary, urgent]);
assert.deepEqual(order, ["urgent", "ordinary", "backup"]);

await eio.close();
await assert.rejects(eio.promises.stat(file), { code: "ERR_EIO_CLOSED" });
console.log(`ok: ${order.join(", ")}; two ended while they waited`);
