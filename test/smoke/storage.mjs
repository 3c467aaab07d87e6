// What is kept on the disk, on whatever runtime runs this: an atomic write, a log that is read again, a tail over a rotation, both
// kinds of locks, and a stream of log lines. Without the addon the system's locks are refused with a reason.
import assert from "node:assert/strict";
import { once } from "node:events";
import nodeFs from "node:fs";
import os from "node:os";
import path from "node:path";
import { eio } from "node-eio";
import LogStream from "node-eio/log-stream";

const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), "eio-storage-"));
const inFolder = (name) => path.join(folder, name);
const hasAddon = eio.backends.threads.available;

const settings = inFolder("settings.json");
await eio.writeFileAtomic(settings, "1");
await eio.writeFileAtomic(settings, "2");
assert.equal(nodeFs.readFileSync(settings, "utf8"), "2");

const log = await eio.appendLog(inFolder("orders"));
const texts = Array.from({ length: 20 }, (_, i) => `order ${i}`);
await Promise.all(texts.map((text) => log.append(text)));
await log.close();
const again = await eio.appendLog(inFolder("orders"));
const read = [];
for await (const { data } of again.read()) read.push(data.toString());
assert.deepEqual(read, texts);
await again.close();

const file = inFolder("app.log");
nodeFs.writeFileSync(file, "one\n");
const lines = [];
for await (const line of eio.tail(file, { follow: true })) {
  lines.push(line);
  if (line === "one") {
    nodeFs.renameSync(file, `${file}.1`);
    nodeFs.writeFileSync(file, "two\n");
  }
  if (line === "two") break;
}
assert.deepEqual(lines, ["one", "two"]);

const guarded = inFolder("guarded");
if (hasAddon) {
  const lock = await eio.lock(guarded);
  await assert.rejects(eio.lock(guarded, { wait: false }), { code: "EAGAIN" });
  await lock.release();
} else {
  const refused = { code: "ERR_EIO_LOCK_UNAVAILABLE" };
  await assert.rejects(eio.lock(guarded), refused);
}
const lease = await eio.leaseLock(inFolder("leased"));
assert.ok(lease.token >= 1);
await lease.release();

const stream = new LogStream({ dest: inFolder("lines.log") });
stream.write("first\n");
stream.write("second\n");
stream.end();
await once(stream, "close");
const written = nodeFs.readFileSync(inFolder("lines.log"), "utf8");
assert.equal(written, "first\nsecond\n");

nodeFs.rmSync(folder, { recursive: true });
console.log("smoke ok, storage");
