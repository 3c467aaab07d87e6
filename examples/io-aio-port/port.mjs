// How large a tree is: original.pl line by line, through node-eio/eio.
// Run: node examples/io-aio-port/port.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  aioreq_pri,
  eio_flush,
  eio_grp,
  eio_grp_add,
  eio_grp_feed,
  eio_lstat,
  eio_scandir,
} from "node-eio/eio";

let [folders, files, bytes] = [0, 0, 0];

function walk(folder, parent) {
  const group = eio_grp();
  if (parent) eio_grp_add(parent, group);
  const scan = eio_scandir(folder, 0, null, (req) => {
    if (req.result < 0) return;
    folders++;
    const { dirs, nondirs } = req.value;
    for (const name of dirs) walk(`${folder}/${name}`, group);
    const stats = eio_grp();
    eio_grp_add(group, stats);
    const feed = () => {
      const name = nondirs.shift();
      if (name === undefined) return;
      aioreq_pri(1);
      const stat = eio_lstat(`${folder}/${name}`, null, ({ result, value }) => {
        if (result < 0) return;
        files++;
        if (value.isFile()) bytes += value.size;
      });
      eio_grp_add(stats, stat);
    };
    eio_grp_feed(stats, feed, 4);
  });
  eio_grp_add(group, scan);
}

const [root = sample()] = process.argv.slice(2);
walk(root);
await eio_flush();
const summary = `${folders} folders, ${files} files, ${bytes} bytes`;
if (process.argv.length > 2) console.log(summary);
else {
  fs.rmSync(root, { recursive: true });
  assert.equal(summary, "3 folders, 21 files, 2000 bytes");
  console.log(`ok: ${summary}`);
}

/** A tree to look at, where none is given. */
function sample() {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "io-aio-port-"));
  fs.mkdirSync(`${made}/a/b`, { recursive: true });
  for (let i = 0; i < 20; i++)
    fs.writeFileSync(`${made}/a/b/${i}`, "x".repeat(100));
  fs.symlinkSync("a", `${made}/link`);
  return made;
}
