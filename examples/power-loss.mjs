// Two ways to replace a file, and what a loss of power leaves of each: tried at every point of the program, a few hundred
// times.
// Run: node examples/power-loss.mjs
import assert from "node:assert/strict";
import { createEio } from "node-eio";
import { simulatedDisk } from "node-eio/faults";

const FILE = "/tmp/settings.json";
const [before, after] = [{ theme: "dark" }, { theme: "light", font: 12 }];

/** How many crashes leave neither the one nor the other, or not what was acknowledged. */
async function lossesOf(replace) {
  const disk = simulatedDisk({ profile: "ext4" });
  const eio = createEio({ backend: disk });
  await eio.writeFileAtomic(FILE, JSON.stringify(before));
  const begun = disk.position;
  await replace(eio, JSON.stringify(after));
  const acknowledged = disk.position;
  await eio.close();
  let losses = 0;
  for (let at = begun; at <= acknowledged; at++)
    for (let seed = 0; seed < 50; seed++) {
      const left = disk.crash({ seed, at });
      const text = left.fs.readFileSync(FILE, "utf8");
      const isNew = text === JSON.stringify(after);
      const isOld = text === JSON.stringify(before);
      if (!isNew && (!isOld || at === acknowledged)) losses++;
    }
  return losses;
}

const plain = await lossesOf((eio, text) => eio.promises.writeFile(FILE, text));
const atomic = await lossesOf((eio, text) => eio.writeFileAtomic(FILE, text));
assert.ok(plain > 0);
assert.equal(atomic, 0);
console.log(`ok: writeFile lost ${plain} times, writeFileAtomic never`);
