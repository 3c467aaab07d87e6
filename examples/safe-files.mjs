// Files of users, served from one folder: no path leads out of it, whatever it says; and many of them
// read as one group, which ends together.
// Run: node examples/safe-files.mjs
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { eio } from "node-eio";

const fs = eio.promises;
const folder = await fs.mkdtemp(path.join(tmpdir(), "node-eio-example-"));
await fs.mkdir(path.join(folder, "public"));
await fs.writeFile(path.join(folder, "secret"), "not for everybody");
for (let i = 0; i < 20; i++)
  await fs.writeFile(path.join(folder, "public", `${i}`), `file ${i}`);

const wd = await eio.wd(path.join(folder, "public"));
let kept = wd;
try {
  kept = await eio.wd(".", { wd, beneath: true });
} catch (error) {
  // Without the native addon nothing keeps paths within a folder, and it is refused.
  assert.equal(error.code, "ERR_EIO_BENEATH_UNAVAILABLE");
}
if (kept.beneath)
  await assert.rejects(kept.promises.readFile("../secret"), { code: "EXDEV" });

const group = eio.group({ priority: 1, timeout: 10_000 });
const names = await group.promises.readdir(".", { wd });
const texts = await group.map(
  names,
  (name, _index, inner) =>
    inner.promises.readFile(name, { encoding: "utf8", wd: kept }),
  { limit: 4 },
);
await group.close();
assert.deepEqual(
  texts,
  names.map((name) => `file ${name}`),
);

if (kept !== wd) await kept.close();
await wd.close();
await fs.rm(folder, { recursive: true });
console.log(`ok: ${texts.length} files of one folder, read as one group`);
