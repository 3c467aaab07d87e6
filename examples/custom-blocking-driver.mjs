// Code that blocks, kept off the event loop: custom() runs a module's function in the pool. The loop
// goes on ticking meanwhile, and what the function throws arrives as it was thrown. It is for single calls: a driver
// with a connection is for an executor (executor-sqlite.mjs).
// Run: node examples/custom-blocking-driver.mjs
import assert from "node:assert/strict";
import { clearInterval, setInterval } from "node:timers";
import { eio } from "node-eio";
import hash from "./blocking-driver.mjs";

const driver = new URL("./blocking-driver.mjs", import.meta.url);
const rounds = 30_000;

let ticks = 0;
const ticking = setInterval(() => ticks++, 1);
const digests = await Promise.all([
  eio.custom(driver, ["a", rounds]),
  eio.custom(driver, ["b", rounds], { priority: -1 }),
]);
clearInterval(ticking);
assert.deepEqual(digests, [hash("a", rounds), hash("b", rounds)]);
assert.ok(ticks > 0, "the loop was blocked");

const rows = await eio.custom(driver, ["select 1"], { name: "query" });
assert.deepEqual(rows, [{ id: 1, name: "one" }]);
await assert.rejects(eio.custom(driver, ["delete"], { name: "query" }), {
  message: "syntax error",
});
await assert.rejects(eio.custom(driver, [], { name: "nothing" }), {
  code: "ERR_EIO_CUSTOM",
});
console.log(`ok: hashed twice in the pool while the loop ticked`);
