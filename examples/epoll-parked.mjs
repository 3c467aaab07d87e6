// Somebody else's event loop runs in this thread, in C (epoll-host/parked.c), and Node's own does not
// turn: the library is polled when its descriptor is readable, and reads go on.
// Run: node examples/epoll-parked.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createEio } from "node-eio";
import { load } from "./epoll-host/compile.mjs";

const FILES = 200;
const AT_ONCE = 8;

const host = load("parked.c");
const eio = createEio({ poll: "manual", minParallel: 2, maxPollReqs: 50 });
const why = host === null ? "no compiler" : descriptor();
if (why !== null) {
  console.log(`ok: left out (${why})`);
  process.exit(0);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-parked-"));
for (let i = 0; i < FILES; i++)
  fs.writeFileSync(path.join(folder, `${i}`), `file ${i}`);

let turns = 0;
setImmediate(() => turns++);

let begun = 0;
let bytes = 0;
let done = 0;
const next = () => {
  if (begun === FILES) return;
  eio.fs.readFile(path.join(folder, `${begun++}`), (error, data) => {
    if (error) throw error;
    bytes += data.length;
    done++;
    next();
  });
};
for (let i = 0; i < AT_ONCE; i++) next();

const ticks = host.run(eio.pollFd, () => {
  eio.poll();
  return done < FILES;
});

assert.equal(turns, 0);
const expected = Array.from({ length: FILES }, (_, i) => `file ${i}`.length);
assert.equal(
  bytes,
  expected.reduce((sum, length) => sum + length),
);
fs.rmSync(folder, { recursive: true });
await eio.close();
console.log(
  `ok: ${FILES} files, ${ticks} ticks of its timer, no turn of Node's loop`,
);

/** Asks for the descriptor: null, or why there is none. */
function descriptor() {
  try {
    void eio.pollFd;
    return null;
  } catch (error) {
    return error.message;
  }
}
