// Another process, in C (epoll-host/watcher.c), inherits the descriptor and watches it with epoll; it says
// when to poll. Between two of its words nothing is delivered here, however much is done.
// Run: node examples/epoll-process.mjs
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createEio } from "node-eio";
import { compile } from "./epoll-host/compile.mjs";

const REQUESTS = 100;
const program = compile("watcher.c");
const eio = createEio({ poll: "manual", maxPollReqs: 10 });
const why = program === null ? "no compiler" : descriptor();
if (why !== null) {
  console.log(`ok: left out (${why})`);
  process.exit(0);
}

const watcher = spawn(program, {
  stdio: ["pipe", "pipe", "inherit", eio.pollFd],
});
let polling = false;
let settled = 0;
let polls = 0;
for (let i = 0; i < REQUESTS; i++)
  eio.fs.stat(import.meta.filename, (error, { size }) => {
    assert.ok(error === null && size > 0 && polling);
    settled++;
  });

const lines = createInterface(watcher.stdout);
let last = "";
lines.on("line", (line) => {
  last = line;
  if (line !== "poll") return;
  polling = true;
  polls++;
  eio.poll();
  polling = false;
  if (settled < REQUESTS) watcher.stdin.write("p");
  else watcher.stdin.end();
});
const [code] = await once(watcher, "close");
assert.deepEqual([code, settled, last], [0, REQUESTS, `${polls}`]);
assert.ok(polls >= REQUESTS / 10);
await eio.close();
console.log(`ok: ${settled} requests in ${polls} polls`);

/** Asks for the descriptor: null, or why there is none. */
function descriptor() {
  try {
    void eio.pollFd;
    return null;
  } catch (error) {
    return error.message;
  }
}
