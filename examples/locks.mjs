// A nightly job that several machines start and only one may run, and a table of fixed records that several processes change.
// Run: node examples/locks.mjs
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { eio } from "node-eio";

const fs = eio.promises;
const RECORDS = 4;
const RECORD_BYTES = 8;
const CHANGES = 50;

/** Adds one to a record of a table; other records may be changed by others at the same time. */
async function increment(table, record) {
  const start = record * RECORD_BYTES;
  // On Node 24, or with a compiler: `await using lock = ...`, and no `finally`.
  const lock = await eio.lock(table, { start, length: RECORD_BYTES });
  const handle = await fs.open(table, "r+");
  try {
    const bytes = Buffer.alloc(RECORD_BYTES);
    await handle.read(bytes, 0, RECORD_BYTES, start);
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE() + 1n);
    await handle.write(bytes, 0, RECORD_BYTES, start);
  } finally {
    await handle.close();
    await lock.release();
  }
}

/** A store that takes nothing from whoever has lost the lock without knowing it. */
class Store {
  newestToken = 0;
  reports = [];
  put(report, token) {
    if (token < this.newestToken) throw new Error("somebody took over");
    this.newestToken = token;
    this.reports.push(report);
  }
}

async function nightlyJob(folder, store, report) {
  const lock = await eio.leaseLock(path.join(folder, "nightly"), {
    leaseMs: 2000,
    timeout: 10_000,
  });
  try {
    for (let step = 0; step < 3; step++) {
      lock.signal.throwIfAborted();
      await fs.writeFile(path.join(folder, "progress"), String(step));
    }
    store.put(report, lock.token);
  } finally {
    await lock.release();
  }
}

if (process.argv[2] === "change") {
  const table = process.argv[3];
  for (let i = 0; i < CHANGES; i++) await increment(table, i % RECORDS);
  process.exit();
}

const folder = await fs.mkdtemp(path.join(tmpdir(), "node-eio-example-"));
const table = path.join(folder, "table");
await fs.writeFile(table, Buffer.alloc(RECORDS * RECORD_BYTES));
const self = fileURLToPath(import.meta.url);
const others = [1, 2].map(() =>
  once(
    spawn(process.execPath, [self, "change", table], { stdio: "inherit" }),
    "exit",
  ),
);
for (let i = 0; i < CHANGES; i++) await increment(table, i % RECORDS);
for (const [code] of await Promise.all(others)) assert.equal(code, 0);
const bytes = await fs.readFile(table);
let changes = 0n;
for (let record = 0; record < RECORDS; record++)
  changes += bytes.readBigUInt64LE(record * RECORD_BYTES);
assert.equal(changes, BigInt(3 * CHANGES));

const store = new Store();
await Promise.all(
  ["first", "second"].map((report) => nightlyJob(folder, store, report)),
);
assert.deepEqual(store.reports, ["first", "second"]);
assert.throws(() => store.put("late", store.newestToken - 1));
await fs.rm(folder, { recursive: true });
console.log(`ok: ${changes} changes by three processes, none lost`);
