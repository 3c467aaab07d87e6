// Direct access: past the page cache, for data that is read once or that is cached already by its
// owner (a database, a media server). Where the file system refuses it, buffered.
// Run: node examples/direct.mjs
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { eio } from "node-eio";

const fs = eio.promises;
const folder = await fs.mkdtemp(path.join(tmpdir(), "node-eio-example-"));
const file = path.join(folder, "pages");
const fallback = { fallback: true };

// Any offset and length: parts of blocks are read, changed and written back.
const handle = await eio.openDirect(file, "w+", 0o600, fallback);
await handle.write("a page that begins nowhere near a block", 5000);
assert.equal((await handle.stat()).size, 5039);

// Whole blocks into a buffer of alloc(): from the disk to where it is wanted, without a copy.
const page = eio.alloc(4096);
const { bytesRead } = await handle.read(page, 0, 4096, 4096);
assert.equal(bytesRead, 5039 - 4096);
assert.equal(page.toString("latin1", 904, 910), "a page");
eio.release(page);

const chunks = await handle.createReadStream({ start: 5000 }).toArray();
assert.equal(Buffer.concat(chunks).toString().slice(-7), "a block");
await fs.rm(folder, { recursive: true });
console.log(`ok: ${handle.direct ? "direct" : "through the page cache"}`);
