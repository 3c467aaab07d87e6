// A loop that draws frames and never returns to Node's: each frame gives the library what time it has
// left. Assets are requested as they are needed, those in sight first.
// Run: node examples/game-loop.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createEio } from "node-eio";

const ASSETS = 120;
const FRAME_MS = 8;
const POLL_MS = 2;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-game-"));
for (let i = 0; i < ASSETS; i++)
  fs.writeFileSync(path.join(folder, `${i}`), Buffer.alloc(20_000, i));

const eio = createEio({
  poll: "manual",
  minParallel: 1,
  maxPollTimeMs: POLL_MS,
});
await eio.ready();

const loaded = new Map();
const isSeen = (i) => i % 3 === 0;
for (let i = 0; i < ASSETS; i++)
  eio.fs.readFile(
    path.join(folder, `${i}`),
    { priority: isSeen(i) ? 4 : -4 },
    (error, data) => {
      if (error) throw error;
      const end = performance.now() + 0.1;
      while (performance.now() < end); // Unpacked, sent to the card...
      loaded.set(i, data.length);
    },
  );

const clock = new Int32Array(new SharedArrayBuffer(4));
let frames = 0;
let partial = 0;
for (; loaded.size < ASSETS; frames++) {
  const end = performance.now() + FRAME_MS;
  // What was unpacked is drawn, and the rest of the frame is for what has come meanwhile.
  if (eio.poll() === -1) partial++;
  const left = end - performance.now();
  if (left > 0) Atomics.wait(clock, 0, 0, left);
}

const order = [...loaded.keys()];
assert.deepEqual(
  order.toSorted((a, b) => a - b),
  Array.from({ length: ASSETS }, (_, i) => i),
);
assert.ok(frames > 1 && partial > 0, "a frame's time was not enough for all");
fs.rmSync(folder, { recursive: true });
await eio.close();
console.log(
  `ok: ${ASSETS} assets in ${frames} frames, ${partial} of them ran out of time`,
);
