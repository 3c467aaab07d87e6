// Loads the built package both ways, proves that both are one instance and that it reads files, and then
// has nothing left to do: its caller also checks that it exits by itself.
import assert from "node:assert/strict";
import nodeFs from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import * as eio from "node-eio";
import fs, * as fsNames from "node-eio/fs";
import promises, * as promisesNames from "node-eio/promises";
import { assertSameAsNode } from "./same.mjs";

const required = createRequire(import.meta.url)("./subject.cjs");
const file = fileURLToPath(import.meta.url);
const text = nodeFs.readFileSync(file, "utf8");

// One instance, however it is reached.
assert.equal(required.promises, promises);
assert.equal(required.fs, fs);
assert.equal(required.promises.readFile, promisesNames.readFile);
assert.equal(required.fs.readFile, fsNames.readFile);
assert.equal(fs.promises, promises);
assert.equal(required.eio.createEio, eio.createEio);

// require() gives plain objects that may be patched, as node:fs may.
const { readFile } = required.fs;
required.fs.readFile = () => "patched";
assert.equal(fs.readFile(), "patched");
required.fs.readFile = readFile;

// Every door reads.
assert.equal(await promises.readFile(file, "utf8"), text);
assert.equal(await required.promises.readFile(file, "utf8"), text);
assert.equal(
  await new Promise((resolve, reject) => {
    required.fs.readFile(file, "utf8", (error, data) =>
      error ? reject(error) : resolve(data),
    );
  }),
  text,
);
await assert.rejects(promises.stat(`${file}.missing`), {
  code: "ENOENT",
  syscall: "stat",
});

// And everything is as this release of Node does it.
const jobs = await assertSameAsNode(promises, fs);

console.log(`smoke ok on Node ${process.versions.node}, ${jobs} jobs`);
