// Batches: many files in one submission, results in the order of the paths, and an error per
// item, as with Promise.allSettled.
// Run: node examples/batches.mjs
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { eio } from "node-eio";

const fs = eio.promises;
const folder = await fs.mkdtemp(path.join(tmpdir(), "node-eio-example-"));
const paths = Array.from({ length: 200 }, (_, i) => path.join(folder, `${i}`));
await Promise.all(paths.map((file, i) => fs.writeFile(file, `file ${i}`)));
paths.splice(100, 0, path.join(folder, "missing"));

const stats = await eio.statMany(paths);
assert.equal(stats[0].value.size, "file 0".length);
assert.equal(stats[100].reason.code, "ENOENT");

const texts = await eio.readFiles(paths, { encoding: "utf8", timeout: 5000 });
assert.equal(texts[99].value, "file 99");
assert.equal(texts[100].reason.path, paths[100]);
assert.equal(texts.filter(({ status }) => status === "fulfilled").length, 200);

// Ranges of one file: neighbours become one read, each gets its own part.
const table = path.join(folder, "table");
await fs.writeFile(
  table,
  Array.from(
    { length: 10_000 },
    (_, i) => `row ${String(i).padStart(6, "0")}\n`,
  ),
);
const handle = await fs.open(table);
const row = (number) => ({ position: number * 11, length: 10 });
const rows = await eio.readMany(handle, [row(9999), row(0), row(1), row(2)]);
assert.deepEqual(
  rows.map(({ value }) => value.buffer.toString()),
  ["row 009999", "row 000000", "row 000001", "row 000002"],
);
await handle.close();

await fs.rm(folder, { recursive: true });
console.log(
  "ok: 201 files described and read, one of them missing; 4 rows in 2 reads",
);
