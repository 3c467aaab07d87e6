// For Bun and Deno: every door can be loaded and works, without native code, and the reason is reported.
import assert from "node:assert/strict";
import nodeFs from "node:fs";
import os from "node:os";
import path from "node:path";
import { eio } from "node-eio";
import "node-eio/register";
import * as libeio from "node-eio/eio";
import fs from "node-eio/fs";
import promises from "node-eio/promises";

const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), "eio-runtime-"));
const file = path.join(folder, "file");

// Descriptors of Deno's belong to a thread: there everything is done on the loop's own.
const isDeno = "Deno" in globalThis;
assert.equal(eio.backend, isDeno ? "node" : "pool");
if (isDeno) assert.match(eio.backends.pool.reason, /belong to the thread/);
assert.match(eio.backends.uring.reason, /it is for Node, and (Bun|Deno)/);

await promises.writeFile(file, "content");
assert.equal(await promises.readFile(file, "utf8"), "content");
assert.equal((await promises.stat(file)).size, 7);
assert.deepEqual(await promises.readdir(folder), ["file"]);
await assert.rejects(promises.stat(`${file}.missing`), { code: "ENOENT" });
const read = await new Promise((resolve, reject) =>
  fs.readFile(file, "utf8", (error, text) =>
    error ? reject(error) : resolve(text),
  ),
);
assert.equal(read, "content");
const status = await new Promise((resolve) =>
  libeio.eio_mkdir(path.join(folder, "made"), 0o755, 0, ({ result }) =>
    resolve(result),
  ),
);
assert.equal(status, 0);
// Descriptors of many threads, and of this one, at the same time.
const files = Array.from({ length: 64 }, (_, i) => path.join(folder, `${i}`));
await Promise.all(files.map((name) => promises.writeFile(name, name)));
const handles = await Promise.all(files.map((name) => promises.open(name)));
const contents = handles.map((handle) => handle.readFile("utf8"));
assert.deepEqual(await Promise.all(contents), files);
await Promise.all(handles.map((handle) => handle.close()));
const fd = nodeFs.openSync(file);
const bytes = await new Promise((resolve, reject) =>
  fs.read(fd, Buffer.alloc(7), 0, 7, 0, (error, _count, bytes) =>
    error ? reject(error) : resolve(bytes),
  ),
);
assert.equal(bytes.toString(), "content");
nodeFs.closeSync(fd);

await promises.rm(folder, { recursive: true });
console.log("smoke ok");
